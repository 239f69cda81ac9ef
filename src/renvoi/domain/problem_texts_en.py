"""Title and detail of each error of `/v2` in English, by its word (`domain.problem`)."""

from collections.abc import Mapping

ENGLISH: Mapping[str, tuple[str, str]] = {
    "body_malformed": (
        "The body cannot be read",
        "Send what the operation takes; errors says where it ends to be readable.",
    ),
    "query_malformed": (
        "The query string cannot be read",
        "Encode it as UTF-8 with percent signs, each name once.",
    ),
    "header_malformed": (
        "A header cannot be read",
        "errors says which header, and what it may hold.",
    ),
    "cursor_invalid": (
        "The cursor is not one of this list",
        "Take next_cursor of the page before as it is, or begin again without a cursor.",
    ),
    "key_required": (
        "An API key is required",
        "Send the header Authorization: Bearer rv_…",
    ),
    "key_incorrect": (
        "The API key is not valid",
        "It is unknown, revoked or expired: take another one.",
    ),
    "scope_missing": (
        "The key may not do this",
        "It needs the scope {scope}: use a key that has it.",
    ),
    "key_limited": (
        "The key is limited to some numbers",
        "This concerns the account as a whole: use a key without such a limit.",
    ),
    "not_found": (
        "There is nothing here",
        "/openapi.json lists the paths that there are.",
    ),
    "number_unknown": (
        "There is no such number",
        "It is none of this account’s numbers: GET /v2/numbers lists them.",
    ),
    "account_unknown": (
        "There is no such account",
        "An operator key names the account with ?account=acc_…",
    ),
    "account_closed": (
        "The account is closed",
        "Nothing of it can be changed, nor be given to it: take another account.",
    ),
    "account_closing": (
        "The number's account is being closed",
        "The number goes with it, and cannot be changed or moved: add it again once it has gone.",
    ),
    "account_name_taken": (
        "There is an account of that name",
        "Give another name.",
    ),
    "number_taken": (
        "A number is not free",
        "The store says of it: {why}.",
    ),
    "removal_unknown": (
        "There is no such removal",
        "GET /v2/admin/removals lists those that are kept.",
    ),
    "trunk_unknown": (
        "There is no such trunk",
        "GET /v2/admin/trunks lists them.",
    ),
    "not_possible": (
        "This cannot be done as asked",
        "Why: {reason}.",
    ),
    "key_unknown": (
        "There is no such key",
        "It is none that this key may see: GET /v2/keys lists them.",
    ),
    "key_beyond_rights": (
        "That key may do more than this one",
        "A key makes, changes, rotates and revokes only what may do no more than itself: {pointers}.",
    ),
    "key_over": (
        "The key is revoked or has expired",
        "Make another one; one that has expired can be given a later expiry first.",
    ),
    "too_many_keys": (
        "There are too many keys",
        "There may be {most}: revoke some first.",
    ),
    "webhook_unknown": (
        "There is no such webhook",
        "It is none that this key may see: GET /v2/webhooks lists them.",
    ),
    "delivery_unknown": (
        "There is no such delivery",
        "It is none of this webhook, or not kept any more: the webhook’s deliveries are listed.",
    ),
    "event_gone": (
        "The event is not kept any more",
        "It cannot be delivered again.",
    ),
    "too_many_webhooks": (
        "There are too many webhooks",
        "An account may have {most}: remove some first.",
    ),
    "too_many_streams": (
        "Too many streams of events are open",
        "Close one, or read the list of events by its cursor.",
    ),
    "message_unknown": (
        "There is no such message",
        "It was deleted, or is none of this account’s: GET /v2/messages lists them.",
    ),
    "audio_gone": (
        "The recording is gone",
        "The message has lost its audio; delete it, and ask the operator why.",
    ),
    "link_unknown": (
        "This link gives nothing (any more)",
        "It has ended, its message was deleted, or it was cut off: ask for another one.",
    ),
    "call_unknown": (
        "There is no such call",
        "Its record is gone, or none of this account’s: GET /v2/calls lists them.",
    ),
    "greeting_unknown": (
        "The number has no greeting of its own",
        "Callers hear the included one: PUT an audio file to change that.",
    ),
    "mail_under_way": (
        "The message is being mailed at this moment",
        "Wait for its mail to end, then decide.",
    ),
    "range_not_satisfiable": (
        "Nothing is within that range",
        "Content-Range says how many bytes there are.",
    ),
    "audio_invalid": (
        "The audio file cannot be used",
        "{reason}.",
    ),
    "method_not_allowed": (
        "The path has no such method",
        "The header Allow lists those that it has.",
    ),
    "idempotency_conflict": (
        "The Idempotency-Key was used for another request",
        "Use a new one for each request, and the same one only to repeat a request as it was.",
    ),
    "request_in_progress": (
        "The first request with this Idempotency-Key is under way",
        "Wait as Retry-After says, and send it again.",
    ),
    "forwarding_would_loop": (
        "Forwarding would loop",
        "The target leads back to this number: give one that does not.",
    ),
    "forwarding_not_enabled": (
        "Call forwarding is not enabled for this number",
        "The operator switches this option.",
    ),
    "rule_unreadable": (
        "The rule of a number cannot be read",
        "That of {number}: {why}. Sending the request again does not help.",
    ),
    "policy_unreadable": (
        "The policy of an account cannot be read",
        "That of {account}: {why}.",
    ),
    "trunk_unreadable": (
        "A trunk cannot be read",
        "Trunk {name}: {why}.",
    ),
    "number_inactive": (
        "The number is deactivated",
        "Set its state to active first.",
    ),
    "destination_not_allowed": (
        "This destination is not allowed",
        "The account’s policy does not let calls go there; the operator changes it.",
    ),
    "nothing_to_undo": (
        "There is nothing to undo",
        "The rule is as it was made, or is at that revision already: its history tells.",
    ),
    "revision_unknown": (
        "That revision is not known",
        "It is yet to come, or its rule is kept no longer: the history has those that are.",
    ),
    "batch_refused": (
        "The batch was not carried out",
        "It is all or nothing, and some of its changes cannot be made: {pointers}.",
    ),
    "batch_interrupted": (
        "The batch was interrupted",
        "{done} of its changes were looked at. Send it again as it is: what has been made stays made.",
    ),
    "precondition_failed": (
        "It is at another version",
        "The version that the request names is not the present one: read it again, then decide.",
    ),
    "body_too_large": (
        "The body is too large",
        "It may have {most} bytes, also once it is decompressed.",
    ),
    "content_type_unknown": (
        "The body is of a type that is not taken here",
        "Send {allowed}.",
    ),
    "fields_invalid": (
        "Fields of the request are wrong",
        "errors lists them all: {pointers}.",
    ),
    "too_many_requests": (
        "Too many requests",
        "Wait as Retry-After says.",
    ),
    "head_too_large": (
        "The request’s head is too large",
        "Send shorter headers, or a shorter path.",
    ),
    "internal_error": (
        "A fault of this server",
        "Whether a change was made is not known: read it, or repeat the request with its Idempotency-Key. "
        "The operator finds the reason in the log under request_id.",
    ),
    "transfer_coding_unknown": (
        "The transfer coding is not known",
        "Send the body with Content-Length, or chunked.",
    ),
    "unavailable": (
        "The service is unavailable",
        "Nothing was changed; try again as Retry-After says.",
    ),
}
