"""Words of the pages of webhooks."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "webhooks.title": ("Webhooks", "Webhooks"),
    "webhooks.lead": (
        "renvoi tells these addresses of calls, messages and changes as they happen.",
        "renvoi avertit ces adresses des appels, des messages et des modifications au fur et à mesure.",
    ),
    "webhooks.lead_node": (
        "Those of all accounts, and the node’s own, which get the events of trunks. To add one to an account, act for "
        "it first.",
        "Ceux de tous les comptes, et ceux du nœud, avertis des trunks. Pour en ajouter à un compte, agissez "
        "d’abord pour lui.",
    ),
    "webhooks.add": ("Add an endpoint", "Ajouter une adresse"),
    "webhooks.add_node": ("Add one of the node", "En ajouter un du nœud"),
    "webhooks.empty": ("No endpoint yet", "Pas encore d’adresse"),
    "webhooks.empty_text": (
        "A program of yours can be notified of each call, message and change, as it happens.",
        "Un de vos programmes peut être averti de chaque appel, message et modification, sur le moment.",
    ),
    "webhooks.endpoint": ("Endpoint", "Adresse"),
    "webhooks.url": ("Address", "Adresse"),
    "webhooks.url_help": (
        "By https. Inner networks get nothing.",
        "En https. Les réseaux internes ne reçoivent rien.",
    ),
    "webhooks.description": ("What it is for", "À quoi elle sert"),
    "webhooks.events": ("Events", "Événements"),
    "webhooks.all_types": ("everything", "tout"),
    "webhooks.all_help": ("what later versions add, too", "y compris ce que les versions suivantes ajouteront"),
    "webhooks.some_types": ("only these", "seulement ceux-ci"),
    "webhooks.numbers": ("Numbers", "Numéros"),
    "webhooks.numbers_own": (
        "One a line, at least one: only their events are sent. Your key is limited to numbers, so an endpoint of all "
        "numbers is refused to it.",
        "Un par ligne, au moins un\u00a0: seuls leurs événements sont envoyés. Votre clé est limitée à des "
        "numéros\u00a0: un webhook de tous les numéros lui est refusé.",
    ),
    "webhooks.numbers_help": (
        "One a line: only their events are sent, and those without a number. Empty: all of the account.",
        "Un par ligne\u00a0: seuls leurs événements sont envoyés, et ceux sans numéro. Vide\u00a0: tous "
        "ceux du compte.",
    ),
    "webhooks.n_numbers.one": ("{n} number", "{n} numéro"),
    "webhooks.n_numbers.many": ("{n} numbers", "{n} numéros"),
    "webhooks.enabled": ("It gets events", "Elle reçoit les événements"),
    "webhooks.state": ("State", "État"),
    "webhooks.state_good": ("delivering", "en service"),
    "webhooks.state_failing": ("failing", "en échec"),
    "webhooks.failing_since": ("failing since", "en échec depuis"),
    "webhooks.state_off": ("disabled", "désactivé"),
    "webhooks.off_by_hand": ("Disabled by hand.", "Désactivé à la main."),
    "webhooks.off_gone": (
        "It answered 410, so nothing more is sent to it.",
        "Elle a répondu 410\u00a0: plus rien ne lui est envoyé.",
    ),
    "webhooks.off_failing": (
        "Nothing could be delivered for five days, so nothing more is sent to it.",
        "Rien n’a pu être livré pendant cinq jours\u00a0: plus rien ne lui est envoyé.",
    ),
    "webhooks.off_account_closed": ("Its account is closed.", "Son compte est fermé."),
    "webhooks.enable": ("Enable again", "Réactiver"),
    "webhooks.enable_text": (
        "It gets what happens from then on, and nothing that it missed.",
        "Elle recevra ce qui arrive ensuite, et rien de ce qu’elle a manqué.",
    ),
    "webhooks.enabled_said": ("The endpoint gets events again.", "L’adresse reçoit de nouveau les événements."),
    "webhooks.test": ("Send a test", "Envoyer un test"),
    "webhooks.tested": (
        "A test is on its way: its delivery shows what comes of it.",
        "Un test est parti\u00a0: sa livraison montre ce qu’il en advient.",
    ),
    "webhooks.settings": ("Settings", "Réglages"),
    "webhooks.made": ("The endpoint is added", "L’adresse est ajoutée"),
    "webhooks.once": (
        "This is its secret, by which your program proves that events are ours. It is shown this once.",
        "Voici son secret, par lequel votre programme vérifie que les événements sont de nous. Il n’est affiché "
        "que cette fois.",
    ),
    "webhooks.created": ("Created", "Créée"),
    "webhooks.previous": ("Former secret signs too until", "L’ancien secret signe aussi jusqu’au"),
    "webhooks.rotate": ("Change the secret", "Changer le secret"),
    "webhooks.rotate_title": ("Give it another secret?", "Changer son secret\u00a0?"),
    "webhooks.rotate_text": (
        "The new secret is shown once. For 24 hours both sign, while your program is told.",
        "Le nouveau secret n’est affiché qu’une fois. Pendant 24 heures les deux signent, le temps d’avertir "
        "votre programme.",
    ),
    "webhooks.rotate_both": (
        "The previous secret signs too for 24 hours.",
        "L’ancien secret signe aussi pendant 24 heures.",
    ),
    "webhooks.rotated": ("It has another secret", "Elle a un nouveau secret"),
    "webhooks.delete_title": ("Remove this endpoint?", "Supprimer cette adresse\u00a0?"),
    "webhooks.delete_text": (
        "Nothing more is sent to it. What was delivered is no longer shown.",
        "Plus rien ne lui est envoyé. Ses livraisons ne sont plus affichées.",
    ),
    "webhooks.deliveries": ("Deliveries", "Livraisons"),
    "webhooks.deliveries_latest": ("Latest deliveries", "Dernières livraisons"),
    "webhooks.deliveries_all": ("All deliveries", "Toutes les livraisons"),
    "webhooks.no_delivery": ("Nothing was sent yet", "Rien n’a encore été envoyé"),
    "webhooks.no_delivery_text": (
        "Send a test to see whether the endpoint takes it.",
        "Envoyez un test pour voir si l’adresse le prend.",
    ),
    "webhooks.event": ("Event", "Événement"),
    "webhooks.when": ("When", "Quand"),
    "webhooks.answer": ("Answer", "Réponse"),
    "webhooks.attempts": ("Attempts", "Essais"),
    "webhooks.delivery_delivered": ("delivered", "livré"),
    "webhooks.delivery_failed": ("given up", "abandonné"),
    "webhooks.delivery_pending": ("on its way", "en route"),
    "webhooks.delivery_waiting": ("waits for the one before", "attend le précédent"),
    "webhooks.every_state": ("all", "tous"),
    "webhooks.show": ("Show", "Afficher"),
    "webhooks.again": ("Deliver again", "Livrer de nouveau"),
    "webhooks.again_all": ("Deliver all that failed again", "Livrer de nouveau tout ce qui a échoué"),
    "webhooks.again_said": ("It is on its way again.", "C’est de nouveau en route."),
    "webhooks.attempted": ("Last attempt", "Dernier essai"),
    "webhooks.due": ("Next attempt", "Prochain essai"),
    "webhooks.took": ("It took", "Durée"),
    "webhooks.took_ms": ("{ms} ms", "{ms} ms"),
    "webhooks.why": ("Why it failed", "Cause de l’échec"),
    "webhooks.note_disabled": ("the endpoint is disabled", "le point d’accès est désactivé"),
    "webhooks.note_gone": ("its event is not kept any more", "son événement n’est plus conservé"),
    "webhooks.note_late": ("no answer within {seconds} s", "aucune réponse en {seconds}\u00a0s"),
    "webhooks.note_closed": (
        "the connection was closed without an answer",
        "la connexion a été fermée sans réponse",
    ),
    "webhooks.note_certificate": (
        "its certificate is not good: {why}",
        "son certificat n’est pas valable\u00a0: {why}",
    ),
    "webhooks.note_tls": ("TLS failed: {why}", "TLS a échoué\u00a0: {why}"),
    "webhooks.note_inside": (
        "{host} is at {addresses}, which is not a public address",
        "{host} est à {addresses}, qui n’est pas une adresse publique",
    ),
    "webhooks.note_nowhere": ("it has no address", "il n’a pas d’adresse"),
    "webhooks.note_unnamed": (
        "{host} has no {kind} address in DNS",
        "{host} n’a pas d’adresse {kind} dans le DNS",
    ),
    "webhooks.note_not_http": (
        "its answer is not HTTP",
        "sa réponse n’est pas du HTTP",
    ),
    "webhooks.note_long_head": (
        "the headers of its answer are longer than {most} bytes",
        "les en-têtes de sa réponse dépassent {most} octets",
    ),
    "webhooks.note_unreached": ("it cannot be reached: {why}", "il est injoignable\u00a0: {why}"),
    "webhooks.note_redirect": (
        "HTTP {status}: redirects are not followed, give the final address",
        "HTTP {status}\u00a0: les redirections ne sont pas suivies, donnez l’adresse finale",
    ),
    "webhooks.request": ("What is sent", "Ce qui est envoyé"),
    "webhooks.request_gone": (
        "The event is not kept any more, so it cannot be delivered again.",
        "L’événement n’est plus conservé\u00a0: il ne peut plus être livré.",
    ),
    "webhooks.answer_body": ("What was answered", "Ce qui a été répondu"),
    "webhooks.answer_empty": ("Nothing.", "Rien."),
}
