"""Words of the pages of operators: accounts and their numbers."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "operator.overview": ("Overview", "Vue d’ensemble"),
    "operator.accounts": ("Accounts", "Comptes"),
    "operator.trunks": ("Trunks", "Trunks"),
    "operator.rates": ("Rates", "Tarifs"),
    "operator.mails": ("Mails", "E-mails"),
    "operator.actions": ("Actions", "Actions"),
    "operator.account_new": ("New account", "Nouveau compte"),
    "operator.account_make": ("Create the account", "Créer le compte"),
    "operator.account_made": (
        "The account is created. Give it numbers next; act for it to create its keys.",
        "Le compte est créé. Donnez-lui des numéros\u00a0; agissez pour lui pour créer ses clés.",
    ),
    "operator.account_name": ("Name", "Nom"),
    "operator.account_name_help": ("Unique among all accounts.", "Unique parmi tous les comptes."),
    "operator.account_search": (
        "Beginning of its name, id, or one of its numbers with +",
        "Début de son nom, identifiant, ou l’un de ses numéros avec +",
    ),
    "operator.account_state": ("State", "État"),
    "operator.state_open": ("open", "ouvert"),
    "operator.state_closed": ("closed", "fermé"),
    "operator.state_all": ("all", "tous"),
    "operator.account_none": ("No such account", "Aucun compte trouvé"),
    "operator.account_none_text": (
        "Write how its name begins, an id such as acc_3, or a number such as +33199001234, and choose the state.",
        "Écrivez le début du nom, un identifiant tel que acc_3, ou un numéro tel que +33199001234, et choisissez "
        "l’état.",
    ),
    "operator.no_account": ("No account yet", "Pas encore de compte"),
    "operator.no_account_text": (
        "A customer is an account: it has numbers, keys and messages of its own. Create the first one below.",
        "Un client est un compte\u00a0: il a ses numéros, ses clés et ses messages. Créez le premier ci-dessous.",
    ),
    "operator.act": ("Act for it", "Agir pour lui"),
    "operator.act_end": ("Stop acting for it", "Ne plus agir pour lui"),
    "operator.acts_for": ("You act for this account now.", "Vous agissez maintenant pour ce compte."),
    "operator.acts_for_nobody": ("You act for no account now.", "Vous n’agissez plus pour un compte."),
    "operator.close": ("Close the account", "Fermer le compte"),
    "operator.close_title": ("Close the account “{name}”?", "Fermer le compte «\u00a0{name}\u00a0»\u00a0?"),
    "operator.close_text": (
        "Its keys end at once, and from the next call on its numbers are nobody’s. "
        "Its messages, greetings and webhooks are deleted. This cannot be undone.",
        "Ses clés cessent de valoir aussitôt, et dès l’appel suivant ses numéros ne sont plus à personne. "
        "Ses messages, annonces et webhooks sont supprimés. C’est définitif.",
    ),
    "operator.close_kept": (
        "Its call records and the history of its rules are kept.",
        "Ses relevés d’appels et l’historique de ses règles sont conservés.",
    ),
    "operator.account_closed": (
        "The account is closed; what it had is being deleted.",
        "Le compte est fermé\u00a0; ce qu’il avait est en cours de suppression.",
    ),
    "operator.closed_text": (
        "A closed account owns nothing any more, and cannot be changed.",
        "Un compte fermé ne possède plus rien et ne peut plus être modifié.",
    ),
    "operator.change_limits": ("Change limits", "Modifier les limites"),
    "operator.change_policy": ("Change destinations", "Modifier les destinations"),
    "operator.policy_replaced": (
        "What you save here takes its place; it begins with what a new account has.",
        "Ce que vous enregistrez ici les remplace, à partir de ce qu’a un nouveau compte.",
    ),
    "operator.numbers_manage": ("Add and manage", "Ajouter et gérer"),
    "operator.numbers_all": ("All numbers", "Tous les numéros"),
    "operator.numbers_none": ("It has no numbers.", "Il n’a pas de numéro."),
    "operator.numbers_empty": ("No numbers yet", "Pas encore de numéro"),
    "operator.numbers_empty_text": (
        "Add those that your carrier sends calls for. Their calls are off until a rule is set.",
        "Ajoutez ceux dont votre opérateur envoie les appels. Leurs appels sont coupés jusqu’à ce qu’une règle "
        "soit posée.",
    ),
    "operator.number": ("Number", "Numéro"),
    "operator.label": ("Label", "Libellé"),
    "operator.label_help": (
        "For all that you add now; it may stay empty.",
        "Pour tous ceux que vous ajoutez\u00a0; il peut rester vide.",
    ),
    "operator.number_state": ("State", "État"),
    "operator.number_state_help": (
        "Calls to an inactive number are refused, and its rule cannot be changed.",
        "Les appels à un numéro inactif sont refusés, et sa règle ne peut pas être modifiée.",
    ),
    "operator.number_active": ("active", "actif"),
    "operator.number_inactive": ("inactive", "inactif"),
    "operator.number_fixed": ("no forwarding", "sans renvoi"),
    "operator.numbers_add_title": ("Add numbers", "Ajouter des numéros"),
    "operator.numbers_new": ("Numbers", "Numéros"),
    "operator.numbers_help": (
        "One a line, up to {most}. All are added, or none.",
        "Un par ligne, {most} au plus. Tous sont ajoutés, ou aucun.",
    ),
    "operator.numbers_add": ("Add", "Ajouter"),
    "operator.numbers_added": ("The numbers are added.", "Les numéros sont ajoutés."),
    "operator.forwarding_enabled": ("Rules may be set", "Des règles peuvent être posées"),
    "operator.forwarding_help": ("without it calls stay off", "sans cela, les appels restent coupés"),
    "operator.number_account": ("Account", "Compte"),
    "operator.number_account_help": (
        "The id of another account moves the number there, with its calls off. Messages and history stay.",
        "L’identifiant d’un autre compte y déplace le numéro, appels coupés. Les messages et l’historique restent.",
    ),
    "operator.with_rule_alone": (
        "is its account already: give another one, or untick that the rule goes with it",
        "est déjà son compte\u00a0: donnez-en un autre, ou décochez que la règle le suit",
    ),
    "operator.with_rule": ("Rule, greeting and label go along", "La règle, l’annonce et le libellé suivent"),
    "operator.with_rule_help": ("when it moves", "en cas de déplacement"),
    "operator.remove_number": ("Remove the number", "Retirer le numéro"),
    "operator.remove_number_title": ("Remove {number}?", "Retirer {number}\u00a0?"),
    "operator.remove_number_text": (
        "From the next call on it is nobody’s. Its rule and its greeting are deleted. This cannot be undone.",
        "Dès l’appel suivant il n’est plus à personne. Sa règle et son annonce sont supprimées. C’est définitif.",
    ),
    "operator.keep_messages": ("The account keeps its messages", "Le compte garde ses messages"),
    "operator.number_removed": ("The number is removed.", "Le numéro est retiré."),
}
