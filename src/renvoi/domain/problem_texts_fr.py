"""Title and detail of each error of `/v2` in French, by its word (`domain.problem`)."""

from collections.abc import Mapping

FRENCH: Mapping[str, tuple[str, str]] = {
    "body_malformed": (
        "Le corps ne peut pas être lu",
        "Envoyez ce que l’opération accepte ; errors dit où le corps cesse d’être lisible.",
    ),
    "query_malformed": (
        "La chaîne de requête ne peut pas être lue",
        "Encodez-la en UTF-8 avec des signes pour cent, chaque nom une fois.",
    ),
    "header_malformed": (
        "Un en-tête ne peut pas être lu",
        "errors dit quel en-tête, et ce qu’il peut contenir.",
    ),
    "cursor_invalid": (
        "Le curseur n’est pas de cette liste",
        "Reprenez next_cursor de la page précédente tel quel, ou recommencez sans curseur.",
    ),
    "key_required": (
        "Une clé API est requise",
        "Envoyez l’en-tête Authorization: Bearer rv_…",
    ),
    "key_incorrect": (
        "La clé API n’est pas valide",
        "Elle est inconnue, révoquée ou expirée : prenez-en une autre.",
    ),
    "scope_missing": (
        "La clé ne permet pas cela",
        "Il faut la portée {scope} : utilisez une clé qui l’a.",
    ),
    "key_limited": (
        "La clé est limitée à certains numéros",
        "Cela concerne le compte entier : utilisez une clé sans cette limite.",
    ),
    "not_found": (
        "Il n’y a rien ici",
        "/openapi.json énumère les chemins qui existent.",
    ),
    "number_unknown": (
        "Ce numéro n’existe pas",
        "Ce n’est aucun des numéros de ce compte : GET /v2/numbers les énumère.",
    ),
    "account_unknown": (
        "Ce compte n’existe pas",
        "Une clé d’opérateur nomme le compte par ?account=acc_…",
    ),
    "account_closed": (
        "Le compte est fermé",
        "Rien ne peut y être changé, ni lui être donné : prenez un autre compte.",
    ),
    "account_closing": (
        "Le compte de ce numéro est en cours de fermeture",
        "Le numéro part avec lui, et ne peut être ni changé ni déplacé : ajoutez-le de nouveau une fois parti.",
    ),
    "account_name_taken": (
        "Il y a un compte de ce nom",
        "Donnez un autre nom.",
    ),
    "number_taken": (
        "Un numéro n’est pas libre",
        "Le stockage en dit : {why}.",
    ),
    "removal_unknown": (
        "Cette suppression n’existe pas",
        "GET /v2/admin/removals énumère celles qui sont conservées.",
    ),
    "trunk_unknown": (
        "Ce trunk n’existe pas",
        "GET /v2/admin/trunks les énumère.",
    ),
    "not_possible": (
        "Cela ne peut pas être fait ainsi",
        "Raison : {reason}.",
    ),
    "key_unknown": (
        "Cette clé n’existe pas",
        "Ce n’est aucune de celles que cette clé peut voir : GET /v2/keys les énumère.",
    ),
    "key_beyond_rights": (
        "Cette clé-là permet plus que celle-ci",
        "Une clé ne crée, ne change, ne renouvelle et ne révoque que ce qui ne permet pas plus qu’elle : {pointers}.",
    ),
    "key_over": (
        "La clé est révoquée ou a expiré",
        "Créez-en une autre ; à une clé expirée on peut d’abord donner une expiration plus tardive.",
    ),
    "too_many_keys": (
        "Il y a trop de clés",
        "Il peut y en avoir {most} : révoquez-en d’abord.",
    ),
    "webhook_unknown": (
        "Ce webhook n’existe pas",
        "Ce n’est aucun de ceux que cette clé peut voir : GET /v2/webhooks les énumère.",
    ),
    "delivery_unknown": (
        "Cette livraison n’existe pas",
        "Elle n’est pas de ce webhook, ou n’est plus conservée : celles du webhook sont énumérées.",
    ),
    "event_gone": (
        "L’événement n’est plus conservé",
        "Il ne peut plus être livré.",
    ),
    "too_many_webhooks": (
        "Il y a trop de webhooks",
        "Un compte peut en avoir {most} : retirez-en d’abord.",
    ),
    "too_many_streams": (
        "Trop de flux d’événements sont ouverts",
        "Fermez-en un, ou lisez la liste des événements par son curseur.",
    ),
    "message_unknown": (
        "Ce message n’existe pas",
        "Il a été supprimé, ou n’est pas de ce compte : GET /v2/messages les énumère.",
    ),
    "audio_gone": (
        "L’enregistrement a disparu",
        "Le message a perdu son audio ; supprimez-le, et demandez pourquoi à l’exploitant.",
    ),
    "link_unknown": (
        "Ce lien ne donne rien (ou plus rien)",
        "Il a pris fin, son message a été supprimé, ou il est incomplet : demandez-en un autre.",
    ),
    "call_unknown": (
        "Cet appel n’existe pas",
        "Sa trace a disparu, ou n’est pas de ce compte : GET /v2/calls les énumère.",
    ),
    "greeting_unknown": (
        "Le numéro n’a pas d’annonce à lui",
        "Les appelants entendent celle qui est fournie : envoyez un fichier audio par PUT pour changer cela.",
    ),
    "mail_under_way": (
        "Le message est en cours d’envoi",
        "Attendez la fin de l’envoi, puis décidez.",
    ),
    "range_not_satisfiable": (
        "Rien ne se trouve dans cet intervalle",
        "Content-Range dit combien d’octets il y a.",
    ),
    "audio_invalid": (
        "Le fichier audio ne peut pas être utilisé",
        "{reason}.",
    ),
    "method_not_allowed": (
        "Le chemin n’a pas cette méthode",
        "L’en-tête Allow énumère celles qu’il a.",
    ),
    "idempotency_conflict": (
        "L’Idempotency-Key a servi à une autre requête",
        "Prenez-en une nouvelle pour chaque requête, la même seulement pour répéter une requête telle quelle.",
    ),
    "request_in_progress": (
        "La première requête avec cette Idempotency-Key est en cours",
        "Attendez comme le dit Retry-After, puis renvoyez-la.",
    ),
    "forwarding_would_loop": (
        "Le transfert ferait une boucle",
        "La destination ramène à ce numéro : donnez-en une qui ne le fait pas.",
    ),
    "forwarding_not_enabled": (
        "Le transfert d’appel n’est pas activé pour ce numéro",
        "L’exploitant règle cette option.",
    ),
    "rule_unreadable": (
        "La règle d’un numéro est illisible",
        "Celle du {number} : {why}. Renvoyer la requête n’y change rien.",
    ),
    "policy_unreadable": (
        "Les destinations et limites d’un compte sont illisibles",
        "Celles de {account} : {why}.",
    ),
    "trunk_unreadable": (
        "Un trunk est illisible",
        "Trunk {name} : {why}.",
    ),
    "number_inactive": (
        "Le numéro est désactivé",
        "Passez d’abord son état à active.",
    ),
    "destination_not_allowed": (
        "Cette destination n’est pas autorisée",
        "Les règles du compte n’y laissent pas aller d’appels ; l’exploitant les change.",
    ),
    "nothing_to_undo": (
        "Il n’y a rien à annuler",
        "La règle est telle que créée, ou est déjà à cette révision : son historique le dit.",
    ),
    "revision_unknown": (
        "Cette révision n’est pas connue",
        "Elle est à venir, ou sa règle n’est plus conservée : l’historique a celles qui le sont.",
    ),
    "batch_refused": (
        "Le lot n’a pas été exécuté",
        "C’est tout ou rien, et certains de ses changements ne peuvent être faits : {pointers}.",
    ),
    "batch_interrupted": (
        "Le lot a été interrompu",
        "{done} de ses changements ont été examinés. Renvoyez-le tel quel : ce qui est fait reste fait.",
    ),
    "precondition_failed": (
        "C’en est à une autre version",
        "La version que nomme la requête n’est pas l’actuelle : relisez, puis décidez.",
    ),
    "body_too_large": (
        "Le corps est trop grand",
        "Il peut avoir {most} octets, décompression comprise.",
    ),
    "content_type_unknown": (
        "Le corps est d’un type qui n’est pas accepté ici",
        "Envoyez {allowed}.",
    ),
    "fields_invalid": (
        "Des champs de la requête sont erronés",
        "errors les énumère tous : {pointers}.",
    ),
    "too_many_requests": (
        "Trop de requêtes",
        "Attendez comme le dit Retry-After.",
    ),
    "head_too_large": (
        "La tête de la requête est trop grande",
        "Envoyez des en-têtes ou un chemin plus courts.",
    ),
    "internal_error": (
        "Une panne de ce serveur",
        "On ne sait pas si un changement a été fait : lisez-le, ou répétez la requête avec son "
        "Idempotency-Key. L’exploitant trouve la raison dans le journal sous request_id.",
    ),
    "transfer_coding_unknown": (
        "Le codage de transfert n’est pas connu",
        "Envoyez le corps avec Content-Length, ou en chunked.",
    ),
    "unavailable": (
        "Le service est indisponible",
        "Rien n’a été changé ; réessayez comme le dit Retry-After.",
    ),
}
