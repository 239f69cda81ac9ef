"""Words of the pages by which people come in, and of their sessions."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "sign_in.title": ("Sign in", "Connexion"),
    "sign_in.email": ("E-mail", "Adresse e-mail"),
    "sign_in.password": ("Password", "Mot de passe"),
    "sign_in.submit": ("Sign in", "Se connecter"),
    "sign_in.forgotten": ("Have a new password sent", "Recevoir un nouveau mot de passe"),
    "sign_in.by_key": ("Sign in with an API key", "Se connecter avec une clé API"),
    "sign_in.key": ("API key", "Clé API"),
    "sign_in.key_help": (
        "It begins with rv_. The session may do what the key may.",
        "Elle commence par rv_. La session a les droits de la clé.",
    ),
    "sign_in.submit_key": ("Sign in with this key", "Se connecter avec cette clé"),
    "sign_in.wrong_email": (
        "This e-mail address and password do not go together. Check both, or have a new password sent to you.",
        "Cette adresse e-mail et ce mot de passe ne vont pas ensemble. Vérifiez les deux, ou faites-vous envoyer un "
        "nouveau mot de passe.",
    ),
    "sign_in.wrong_key": (
        "This key is not valid: it is mistyped, revoked or expired. Check it, or use another one.",
        "Cette clé n’est pas valable\u00a0: elle est mal saisie, révoquée ou expirée. Vérifiez-la, ou "
        "prenez-en une autre.",
    ),
    "sign_in.too_many.one": (
        "That was wrong too often. Try again in a minute, or have a link for a new password sent to you: "
        "it lets you in at once.",
        "Il y a eu trop d’erreurs. Réessayez dans une minute, ou faites-vous envoyer un lien pour un nouveau mot de "
        "passe\u00a0: il vous laisse entrer aussitôt.",
    ),
    "sign_in.too_many.many": (
        "That was wrong too often. Try again in {n} minutes, or have a link for a new password sent to you: "
        "it lets you in at once.",
        "Il y a eu trop d’erreurs. Réessayez dans {n} minutes, ou faites-vous envoyer un lien pour un nouveau mot de "
        "passe\u00a0: il vous laisse entrer aussitôt.",
    ),
    "sign_in.too_many_keys": (
        "This key is not valid, like too many others from your network. Check it: a valid one is let in at any time.",
        "Cette clé n’est pas valable, comme trop d’autres venues de votre réseau. Vérifiez-la\u00a0: une clé "
        "valable est toujours acceptée.",
    ),
    "sign_in.busy": (
        "Too many people are signing in right now. Try again in a moment.",
        "Trop de personnes se connectent en ce moment. Réessayez dans un instant.",
    ),
    "sign_in.signed_out": ("You are signed out.", "Vous êtes déconnecté."),
    "sign_in.forgotten_title": ("A new password", "Un nouveau mot de passe"),
    "sign_in.forgotten_lead": (
        "Give the e-mail address that you sign in with. You get a mail with a link to choose another password.",
        "Indiquez l’adresse e-mail avec laquelle vous vous connectez. Vous recevrez un lien pour choisir un autre mot "
        "de passe.",
    ),
    "sign_in.forgotten_submit": ("Send the link", "Envoyer le lien"),
    "sign_in.forgotten_sent": (
        "If somebody signs in with this address, a mail is on its way there. Its link is valid for two hours.",
        "Si quelqu’un se connecte avec cette adresse, un courriel lui est envoyé. Son lien est valable deux heures.",
    ),
    "sign_in.back": ("Back to the sign-in", "Retour à la connexion"),
    "sign_in.password_title": ("Choose a password", "Choisissez un mot de passe"),
    "sign_in.new_password": ("New password", "Nouveau mot de passe"),
    "sign_in.password_help": (
        "{least} characters or more. Some words that belong together for you alone are easy to keep and hard to guess.",
        "Au moins {least} caractères. Quelques mots qui ne vont ensemble que pour vous se retiennent bien et se "
        "devinent mal.",
    ),
    "sign_in.password_submit": ("Set the password", "Enregistrer le mot de passe"),
    "sign_in.password_set": (
        "The password is set. All other sessions have ended.",
        "Le mot de passe est enregistré. Toutes les autres sessions sont terminées.",
    ),
    "sign_in.token_over_title": ("This link is no longer valid", "Ce lien n’est plus valable"),
    "sign_in.token_over": (
        "It works once and for a limited time. Have another one sent from the sign-in page.",
        "Il fonctionne une fois et pour un temps limité. Faites-vous en envoyer un autre depuis la page de connexion.",
    ),
    "sign_in.link_over_title": ("This link is no longer valid", "Ce lien n’est plus valable"),
    "sign_in.link_over": (
        "It works once, within an hour. The command “renvoi sign-in-link” on this machine prints another one.",
        "Il fonctionne une fois, dans l’heure. La commande «\u00a0renvoi sign-in-link\u00a0» sur cette machine en "
        "affiche un autre.",
    ),
    "sign_in.link_elsewhere_title": (
        "This link works on the machine itself",
        "Ce lien fonctionne sur la machine elle-même",
    ),
    "sign_in.link_elsewhere": (
        "Open it in a browser on the machine where renvoi runs, without a proxy between them; from elsewhere sign in "
        "with a password or a key.",
        "Ouvrez-le dans un navigateur sur la machine où tourne renvoi, sans proxy entre les deux\u00a0; depuis "
        "ailleurs, connectez-vous avec un mot de passe ou une clé.",
    ),
    "sessions.title": ("Sessions", "Sessions"),
    "sessions.secret_ends": (
        "What you signed in with ends, and this session with it:",
        "Ce avec quoi vous vous êtes connecté prend fin, et cette session aussi\u00a0:",
    ),
    "sessions.lead": (
        "Where you are signed in. End what you do not know, and choose another password then.",
        "Où vous êtes connecté. Terminez ce que vous ne reconnaissez pas, puis changez de mot de passe.",
    ),
    "sessions.browser": ("Browser", "Navigateur"),
    "sessions.unknown_browser": ("Unknown", "Inconnu"),
    "sessions.address": ("Address", "Adresse"),
    "sessions.began": ("Signed in", "Connexion"),
    "sessions.used": ("Last used", "Dernier usage"),
    "sessions.this": ("This one", "Celle-ci"),
    "sessions.end": ("End", "Terminer"),
    "sessions.ended": ("The session has ended.", "La session est terminée."),
    "sessions.end_all": ("Sign out everywhere", "Se déconnecter partout"),
    "sessions.end_all_confirm": (
        "All sessions end, this one too.",
        "Toutes les sessions se terminent, celle-ci aussi.",
    ),
    "sessions.password_title": ("Another password", "Un autre mot de passe"),
    "sessions.current": ("Current password", "Mot de passe actuel"),
    "sessions.wrong_password": ("is not your password", "n’est pas votre mot de passe"),
}
