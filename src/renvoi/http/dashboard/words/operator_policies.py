"""Words of the operator's pages of limits, destinations and rates."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "operator.limits": ("Limits", "Limites"),
    "operator.limits_account": ("The account as a whole", "Le compte dans son ensemble"),
    "operator.limits_number": ("Each of its numbers", "Chacun de ses numéros"),
    "operator.limits_target": ("Its calls to each destination", "Ses appels vers chaque destination"),
    "operator.limit_calls": ("Calls at once", "Appels simultanés"),
    "operator.limit_calls_per_minute": ("Calls a minute", "Appels par minute"),
    "operator.limit_minutes_per_day": ("Minutes a day", "Minutes par jour"),
    "operator.limit_spend_per_day": ("Spend a day", "Dépense par jour"),
    "operator.limits_help": (
        "0 means no limit. In force from the next call on. Days are those of UTC; spend follows the rates.",
        "0\u00a0: sans limite. En vigueur dès l’appel suivant\u00a0; un jour est un jour UTC, et la dépense "
        "suit les tarifs.",
    ),
    "operator.countries_own": ("its own country, {country}", "son propre pays, {country}"),
    "operator.countries_own_short": ("its own country", "son propre pays"),
    "operator.countries_these": ("these countries", "ces pays"),
    "operator.countries_codes": ("Codes of countries", "Codes des pays"),
    "operator.countries_help": (
        "ISO 3166-1, such as FR BE CH. 001: numbers of no country; ALL: every country.",
        "ISO 3166-1, par exemple FR BE CH. 001\u00a0: numéros d’aucun pays\u00a0; ALL\u00a0: tous les pays.",
    ),
    "operator.eea": (
        "all of the European Economic Area besides",
        "et tout l’Espace économique européen",
    ),
    "operator.refused_types": ("Types of numbers that are refused", "Types de numéros refusés"),
    "operator.prefixes_help": (
        "First digits, country code first, one a line. The longest one that fits decides, whatever else is said.",
        "Premiers chiffres, indicatif du pays en tête, un par ligne. Le plus long qui convient décide, quoi qu’il "
        "en soit.",
    ),
    "operator.policy_help": (
        "In force with the next call, for rules that are there too.",
        "En vigueur dès l’appel suivant, aussi pour les règles existantes.",
    ),
    "operator.rates_lead": (
        "What a minute of a forwarded call costs, for limits of spend.",
        "Ce que coûte une minute d’appel renvoyé, pour les limites de dépense.",
    ),
    "operator.rates_search": ("What a call to this number costs", "Coût d’un appel vers ce numéro"),
    "operator.rates_prefix": ("Prefix", "Préfixe"),
    "operator.rates_price": ("A minute", "La minute"),
    "operator.rates_none": ("No rate for it", "Pas de tarif"),
    "operator.rates_none_text": (
        "No prefix fits this number, so its calls count as free. Write it like +33199001234.",
        "Aucun préfixe ne convient à ce numéro\u00a0: ses appels comptent comme gratuits. "
        "Écrivez-le comme +33199001234.",
    ),
    "operator.rates_empty": ("No rates yet", "Pas encore de tarifs"),
    "operator.rates_empty_text": (
        "Without a table limits of spend limit nothing. Upload the one of your carrier.",
        "Sans tarifs, les limites de dépense ne limitent rien. Envoyez ceux de votre opérateur.",
    ),
    "operator.rates_replace": ("Replace the table", "Remplacer les tarifs"),
    "operator.rates_file": ("CSV file", "Fichier CSV"),
    "operator.rates_file_help": (
        "First line prefix,price,currency; a line for each prefix, all in one currency. "
        "It takes the place of the whole table.",
        "Première ligne prefix,price,currency\u00a0; une ligne par préfixe, dans une seule devise. "
        "Il remplace tous les tarifs.",
    ),
    "operator.rates_total.one": ("The table has {n} rate.", "Il y a {n} tarif."),
    "operator.rates_total.many": ("The table has {n} rates.", "Il y a {n} tarifs."),
    "operator.rates_no_file": ("is required: choose a file", "est requis\u00a0: choisissez un fichier"),
    "operator.rates_line": ("line {line}: {why}", "ligne {line}\u00a0: {why}"),
    "operator.rates_replaced": ("The table is replaced.", "Les tarifs sont remplacés."),
}
