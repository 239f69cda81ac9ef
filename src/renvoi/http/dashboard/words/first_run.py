"""Words of the first page of a new node: what is ready, and a test call."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "start.title": ("Welcome to renvoi", "Bienvenue dans renvoi"),
    "start.lead": (
        "What this node can do now, what is missing, and a test call to see a rule at work.",
        "Ce que ce nœud sait faire, ce qui lui manque, et un appel d’essai pour voir une règle à l’œuvre.",
    ),
    "start.ready": ("What is ready", "Ce qui est prêt"),
    "start.parts_good": ("All parts run", "Tous les composants fonctionnent"),
    "start.parts_alone": ("the API alone", "l’API seule"),
    "start.parts_bad": ("A part does not run as it should", "Un composant ne fonctionne pas comme il faut"),
    "start.no_calls": ("This node carries no calls", "Ce nœud n’achemine pas d’appels"),
    "start.no_account": ("No account", "Aucun compte"),
    "start.no_account_text": (
        "A customer is an account: create one, then give it numbers.",
        "Un client est un compte\u00a0: créez-en un, puis donnez-lui des numéros.",
    ),
    "start.numbers": ("There are numbers", "Il y a des numéros"),
    "start.numbers_text": (
        "Each obeys its rule from the next call on.",
        "Chacun obéit à sa règle dès l’appel suivant.",
    ),
    "start.numbers_see": ("See them", "Les voir"),
    "start.no_numbers": ("No number", "Aucun numéro"),
    "start.no_numbers_text": (
        "Add those that your carrier sends calls for, to an account.",
        "Ajoutez à un compte ceux dont votre opérateur envoie les appels.",
    ),
    "start.trunks": ("Calls come in and go out", "Les appels entrent et sortent"),
    "start.trunks_text": (
        "There are trunks for both; each can be tested.",
        "Il y a des trunks pour les deux\u00a0; chacun peut être testé.",
    ),
    "start.no_trunk": ("No trunk", "Aucun trunk"),
    "start.no_trunk_text": (
        "Nobody’s calls are answered, and none can be forwarded. Add your carrier.",
        "Aucun appel n’est pris, aucun ne peut être renvoyé. Ajoutez votre opérateur.",
    ),
    "start.no_inbound": ("No trunk that calls come from", "Aucun trunk entrant"),
    "start.no_inbound_text": ("Nobody’s calls are answered.", "Aucun appel n’est pris."),
    "start.no_outbound": ("No trunk that calls go to", "Aucun trunk sortant"),
    "start.no_outbound_text": ("No call can be forwarded.", "Aucun appel ne peut être renvoyé."),
    "start.mail": ("Mails are sent", "Les e-mails partent"),
    "start.no_mail": ("No mail server", "Pas de serveur d’e-mail"),
    "start.no_mail_text": (
        "Mails of messages are kept as files on this node. Set RENVOI_SMTP_URL to have them sent.",
        "Les e-mails des messages sont gardés en fichiers sur ce nœud. Réglez RENVOI_SMTP_URL pour les faire partir.",
    ),
    "start.all_checks": ("All checks", "Tous les contrôles"),
    "start.checks_lead": (
        "What “renvoi check” finds on this node.",
        "Ce que «\u00a0renvoi check\u00a0» trouve sur ce nœud.",
    ),
    "start.check": ("What", "Quoi"),
    "start.check_state": ("State", "État"),
    "start.check_found": ("Found", "Constat"),
    "start.check_good": ("good", "bon"),
    "start.check_bad": ("wrong", "à corriger"),
    "start.check_note": ("to know", "à savoir"),
    "start.call": ("Test call", "Appel d’essai"),
    "start.call_text": (
        "A real call from this machine through its edge, as “renvoi try” places it. "
        "A trunk on this machine is stood in for; one elsewhere is really called.",
        "Un vrai appel depuis cette machine à travers son edge, comme «\u00a0renvoi try\u00a0». "
        "Un trunk de cette machine est remplacé\u00a0; un trunk distant est vraiment appelé.",
    ),
    "start.called": ("Number to call", "Numéro à appeler"),
    "start.caller": ("Caller", "Appelant"),
    "start.place": ("Place a test call", "Passer un appel d’essai"),
    "start.call_title": ("{caller} calls {called}", "{caller} appelle {called}"),
    "start.call_running": ("under way", "en cours"),
    "start.call_answered": ("answered", "pris"),
    "start.call_answered_text": ("The call was taken, and has ended.", "L’appel a été pris, et il est terminé."),
    "start.call_refused": ("not taken", "non pris"),
    "start.call_refused_text": (
        "The caller was answered {status}: the rule of the number, or the trunk, refused the call.",
        "L’appelant a reçu {status}\u00a0: la règle du numéro, ou le trunk, a refusé l’appel.",
    ),
    "start.call_silent": ("no answer", "sans réponse"),
    "start.call_silent_text": ("The edge gave no final answer.", "L’edge n’a donné aucune réponse finale."),
    "start.call_failed": ("not placed", "impossible"),
    "start.ladder": ("Ladder of the call", "Échelle de l’appel"),
    "start.steps": ("The same as a list", "La même chose en liste"),
    "start.reload": ("Refresh", "Actualiser"),
    "start.see_calls": ("See it among the calls", "Le voir parmi les appels"),
    "start.side_caller": ("Caller", "Appelant"),
    "start.side_trunk": ("Trunk", "Trunk"),
}
