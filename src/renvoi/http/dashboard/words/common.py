"""Words of every page: the frame around them, and what can happen anywhere."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "nav.label": ("Pages", "Pages"),
    "nav.crumbs": ("Where you are", "Où vous êtes"),
    "nav.skip": ("Skip to the content", "Aller au contenu"),
    "nav.numbers": ("Numbers", "Numéros"),
    "nav.messages": ("Messages", "Messages"),
    "nav.calls": ("Calls", "Appels"),
    "nav.keys": ("Keys", "Clés"),
    "nav.webhooks": ("Webhooks", "Webhooks"),
    "nav.account": ("Account", "Compte"),
    "nav.operator": ("Operator", "Exploitation"),
    "nav.sign_out": ("Sign out", "Se déconnecter"),
    "nav.sessions": ("Sessions", "Sessions"),
    "nav.acting_for": ("You act for {name}", "Vous agissez pour {name}"),
    "actor.operator": ("the operator", "l’exploitant"),
    "actor.command_line": ("command line", "ligne de commande"),
    "choice.language": ("Language", "Langue"),
    "choice.scheme": ("Colours", "Couleurs"),
    "choice.scheme_auto": ("As the system", "Comme le système"),
    "choice.scheme_light": ("Light", "Clair"),
    "choice.scheme_dark": ("Dark", "Sombre"),
    "choice.set": ("Apply", "Appliquer"),
    "action.save": ("Save", "Enregistrer"),
    "action.cancel": ("Cancel", "Annuler"),
    "action.delete": ("Delete", "Supprimer"),
    "action.search": ("Search", "Chercher"),
    "action.copy": ("Copy", "Copier"),
    "action.copied": ("Copied", "Copié"),
    "page.label": ("Pages of the list", "Pages de la liste"),
    "country.none": ("numbers of no country", "numéros d’aucun pays"),
    "country.all": ("every country", "tous les pays"),
    "form.colon": (":", "\u00a0:"),
    "form.not_there": (
        "It is not there, or belongs to another account.",
        "Cela n’existe pas, ou appartient à un autre compte.",
    ),
    "form.not_offered": ("choose one of those that the page offers", "choisissez parmi ce que propose la page"),
    "form.choose": ("choose “{alone}” or “{more}”", "choisissez «\u00a0{alone}\u00a0» ou «\u00a0{more}\u00a0»"),
    "form.contradicts": (
        "“{alone}” is chosen, but fields of “{more}” are given too: choose “{more}”, or take these out",
        "«\u00a0{alone}\u00a0» est choisi, mais des champs de «\u00a0{more}\u00a0» sont donnés aussi\u00a0: choisissez "
        "«\u00a0{more}\u00a0», ou retirez-les",
    ),
    "form.beyond_rights": (
        "goes beyond what you may do yourself: choose less",
        "dépasse ce que vous pouvez faire vous-même\u00a0: choisissez moins",
    ),
    "form.overtaken": ("Somebody changed it meanwhile", "Quelqu’un l’a modifié entre-temps"),
    "form.overtaken_text": (
        "Nothing was saved. Open the page again to see what it is now, then make your change.",
        "Rien n’a été enregistré. Rouvrez la page pour voir l’état actuel, puis refaites votre modification.",
    ),
    "page.next": ("Next page", "Page suivante"),
    "page.lost": ("The list begins again here", "La liste recommence ici"),
    "page.lost_text": (
        "The address of its next page is not complete: go on from here.",
        "L’adresse de sa page suivante n’est pas complète\u00a0: continuez d’ici.",
    ),
    "page.first": ("First page", "Première page"),
    "said.saved": ("Saved.", "Enregistré."),
    "said.not_sent": (
        "You were signed out meanwhile, so nothing was saved. Sign in, then fill the form in again.",
        "Vous aviez été déconnecté entre-temps\u00a0: rien n’a été enregistré. Connectez-vous, puis remplissez "
        "de nouveau le formulaire.",
    ),
    "said.deleted": ("Deleted.", "Supprimé."),
    "error.form": ("Please correct what is marked.", "Corrigez ce qui est marqué."),
    "error.home": ("Go to the start page", "Aller à la page d’accueil"),
    "error.request": ("Request {id}", "Requête {id}"),
    "error.form_expired_title": ("This form is no longer valid", "Ce formulaire n’est plus valable"),
    "error.form_expired": (
        "It is of a session that has ended. Nothing was changed: open the page again, and send it again.",
        "Il vient d’une session terminée. Rien n’a été modifié\u00a0: rouvrez la page, puis renvoyez-le.",
    ),
    "error.too_large_title": ("This is too large", "C’est trop volumineux"),
    "error.too_large": (
        "At most {most} can be sent here. Go back, and send less.",
        "On peut envoyer ici {most} au plus. Revenez en arrière, et envoyez moins.",
    ),
    "error.unreadable_title": ("The form cannot be read", "Le formulaire est illisible"),
    "error.unreadable": (
        "Nothing was changed. Go back in your browser, where your entries still are, and send it again.",
        "Rien n’a été modifié. Revenez en arrière dans votre navigateur, où vos saisies sont encore, et renvoyez-le.",
    ),
    "error.address_title": ("The address cannot be read", "L’adresse est illisible"),
    "error.address": (
        "Something in the address of this page is wrong. Go back, and choose again there.",
        "Quelque chose est faux dans l’adresse de cette page. Revenez en arrière, et choisissez de nouveau.",
    ),
    "error.unavailable": (
        "Wait a moment, then load the page again.",
        "Attendez un instant, puis rechargez la page.",
    ),
    "error.unavailable_again": (
        "Nothing was changed. What you filled in is still here: wait a moment, then send it again.",
        "Rien n’a été modifié. Vos saisies sont encore là\u00a0: attendez un instant, puis renvoyez-les.",
    ),
    "again.title": ("Your form", "Votre formulaire"),
    "again.secret": ("Once more: your password or key", "À nouveau\u00a0: votre mot de passe ou votre clé"),
    "again.send": ("Send again", "Renvoyer"),
    "error.unavailable_form": (
        "Nothing was changed. Wait a moment, go back in your browser, where your entries still are, and send them "
        "again.",
        "Rien n’a été modifié. Attendez un instant, revenez en arrière dans votre navigateur, où vos saisies sont "
        "encore, et renvoyez-les.",
    ),
    "error.wait.one": ("Wait a second, then try again.", "Attendez une seconde, puis réessayez."),
    "error.wait.many": ("Wait {n} seconds, then try again.", "Attendez {n} secondes, puis réessayez."),
    "error.acts_for": ("You act for {name} now", "Vous agissez maintenant pour {name}"),
    "error.acts_for_none": ("You act for no account now", "Vous n’agissez plus pour aucun compte"),
    "error.other_account": (
        "This form was opened for another account. Nothing was done: act for that account again, or open the page "
        "again for the present one.",
        "Ce formulaire a été ouvert pour un autre compte. Rien n’a été fait\u00a0: agissez de nouveau pour ce compte, "
        "ou rouvrez la page pour le compte actuel.",
    ),
    "error.forbidden_title": ("You may not see this", "Vous n’avez pas accès à cette page"),
    "error.forbidden": (
        "Your key lacks the scope {scope}. Sign in with one that has it.",
        "Votre clé n’a pas la portée {scope}. Connectez-vous avec une clé qui l’a.",
    ),
    "error.missing_title": ("There is nothing here", "Il n’y a rien ici"),
    "error.missing": (
        "The page does not exist, or belongs to another account.",
        "La page n’existe pas, ou appartient à un autre compte.",
    ),
}
