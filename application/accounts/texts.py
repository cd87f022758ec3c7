"""What the letters of accounts say, in each language that the shop speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Letter(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    CHANGE_EMAIL = "change_email"
    EMAIL_IN_USE = "email_in_use"
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"
    TOKEN_REUSED = "token_reused"


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` comes above the link, `after` below it; {email} is an address."""

    subject: str
    text: str
    link: str = ""  # what the link is called
    after: str = ""


ENGLISH = {
    Letter.VERIFY_EMAIL: Wording(
        "Please confirm your e-mail address",
        "Welcome! Please confirm that this address is yours.",
        "Confirm my address",
        "The link works once, for three days. If you have not opened an account, ignore this mail.",
    ),
    Letter.RESET_PASSWORD: Wording(
        "Your new password",
        "Somebody, we hope you, has asked for a new password for your account.",
        "Choose a new password",
        "The link works once, for one hour. If it was not you, ignore this mail: your password stays as it is.",
    ),
    Letter.CHANGE_EMAIL: Wording(
        "Please confirm your new e-mail address",
        "You wish to use this address for your account from now on.",
        "Use this address",
        "The link works once, for one day. If it was not you, ignore this mail.",
    ),
    Letter.EMAIL_IN_USE: Wording(
        "You have an account already",
        "Somebody has asked to use this address for another account. It belongs to yours, so nothing was changed.",
    ),
    Letter.EMAIL_CHANGE_REQUESTED: Wording(
        "Your e-mail address is to be changed",
        "Somebody, we hope you, wishes to use {email} for your account. Nothing changes before that address is "
        "confirmed. If it was not you, change your password now.",
    ),
    Letter.EMAIL_CHANGED: Wording(
        "Your e-mail address was changed",
        "Your account now uses {email}. If that was not you, please write to us at once.",
    ),
    Letter.PASSWORD_CHANGED: Wording(
        "Your password was changed",
        "The password of your account was changed, and you were signed out elsewhere. If that was not you, ask for a "
        "new password now.",
    ),
    Letter.TOKEN_REUSED: Wording(
        "You were signed out for your safety",
        "A sign-in of yours was used a second time, which happens when it was stolen. We have ended that session. "
        "Please sign in again; if anything looks strange, change your password.",
    ),
}
GERMAN = {
    Letter.VERIFY_EMAIL: Wording(
        "Bitte bestätigen Sie Ihre E-Mail-Adresse",
        "Willkommen! Bitte bestätigen Sie, dass diese Adresse Ihnen gehört.",
        "Adresse bestätigen",
        "Der Link gilt einmal und drei Tage lang. Wenn Sie kein Konto eröffnet haben, beachten Sie diese Mail nicht.",
    ),
    Letter.RESET_PASSWORD: Wording(
        "Ihr neues Passwort",
        "Jemand, hoffentlich Sie selbst, hat ein neues Passwort für Ihr Konto angefordert.",
        "Neues Passwort wählen",
        "Der Link gilt einmal und eine Stunde lang. Wenn Sie es nicht waren, beachten Sie diese Mail nicht: Ihr "
        "Passwort bleibt, wie es ist.",
    ),
    Letter.CHANGE_EMAIL: Wording(
        "Bitte bestätigen Sie Ihre neue E-Mail-Adresse",
        "Sie möchten diese Adresse künftig für Ihr Konto verwenden.",
        "Diese Adresse verwenden",
        "Der Link gilt einmal und einen Tag lang. Wenn Sie es nicht waren, beachten Sie diese Mail nicht.",
    ),
    Letter.EMAIL_IN_USE: Wording(
        "Sie haben schon ein Konto",
        "Jemand möchte diese Adresse für ein anderes Konto verwenden. Sie gehört zu Ihrem, darum wurde nichts "
        "geändert.",
    ),
    Letter.EMAIL_CHANGE_REQUESTED: Wording(
        "Ihre E-Mail-Adresse soll geändert werden",
        "Jemand, hoffentlich Sie selbst, möchte {email} für Ihr Konto verwenden. Bis diese Adresse bestätigt ist, "
        "ändert sich nichts. Wenn Sie es nicht waren, ändern Sie jetzt Ihr Passwort.",
    ),
    Letter.EMAIL_CHANGED: Wording(
        "Ihre E-Mail-Adresse wurde geändert",
        "Ihr Konto verwendet nun {email}. Wenn Sie das nicht waren, schreiben Sie uns bitte sofort.",
    ),
    Letter.PASSWORD_CHANGED: Wording(
        "Ihr Passwort wurde geändert",
        "Das Passwort Ihres Kontos wurde geändert, und Sie wurden überall sonst abgemeldet. Wenn Sie das nicht waren, "
        "fordern Sie jetzt ein neues Passwort an.",
    ),
    Letter.TOKEN_REUSED: Wording(
        "Sie wurden zu Ihrer Sicherheit abgemeldet",
        "Eine Ihrer Anmeldungen wurde ein zweites Mal benutzt; das geschieht, wenn sie gestohlen wurde. Wir haben "
        "diese Sitzung beendet. Bitte melden Sie sich neu an; wenn Ihnen etwas seltsam vorkommt, ändern Sie Ihr "
        "Passwort.",
    ),
}
FRENCH = {
    Letter.VERIFY_EMAIL: Wording(
        "Veuillez confirmer votre adresse e-mail",
        "Bienvenue ! Veuillez confirmer que cette adresse est la vôtre.",
        "Confirmer mon adresse",
        "Le lien sert une fois, pendant trois jours. Si vous n'avez pas ouvert de compte, ignorez ce message.",
    ),
    Letter.RESET_PASSWORD: Wording(
        "Votre nouveau mot de passe",
        "Quelqu'un, vous-même nous l'espérons, a demandé un nouveau mot de passe pour votre compte.",
        "Choisir un nouveau mot de passe",
        "Le lien sert une fois, pendant une heure. Si ce n'était pas vous, ignorez ce message : votre mot de passe "
        "reste inchangé.",
    ),
    Letter.CHANGE_EMAIL: Wording(
        "Veuillez confirmer votre nouvelle adresse e-mail",
        "Vous souhaitez utiliser désormais cette adresse pour votre compte.",
        "Utiliser cette adresse",
        "Le lien sert une fois, pendant un jour. Si ce n'était pas vous, ignorez ce message.",
    ),
    Letter.EMAIL_IN_USE: Wording(
        "Vous avez déjà un compte",
        "Quelqu'un a demandé à utiliser cette adresse pour un autre compte. Elle appartient au vôtre : rien n'a "
        "changé.",
    ),
    Letter.EMAIL_CHANGE_REQUESTED: Wording(
        "Votre adresse e-mail doit être modifiée",
        "Quelqu'un, vous-même nous l'espérons, souhaite utiliser {email} pour votre compte. Rien ne change avant la "
        "confirmation de cette adresse. Si ce n'était pas vous, changez votre mot de passe dès maintenant.",
    ),
    Letter.EMAIL_CHANGED: Wording(
        "Votre adresse e-mail a été modifiée",
        "Votre compte utilise désormais {email}. Si ce n'était pas vous, écrivez-nous sans tarder.",
    ),
    Letter.PASSWORD_CHANGED: Wording(
        "Votre mot de passe a été modifié",
        "Le mot de passe de votre compte a été modifié et vos autres sessions sont fermées. Si ce n'était pas vous, "
        "demandez dès maintenant un nouveau mot de passe.",
    ),
    Letter.TOKEN_REUSED: Wording(
        "Vous avez été déconnecté par sécurité",
        "L'une de vos connexions a servi une seconde fois, ce qui arrive lorsqu'elle a été volée. Nous avons fermé "
        "cette session. Veuillez vous reconnecter ; si quelque chose vous paraît étrange, changez votre mot de passe.",
    ),
}
TEXTS: Mapping[str, Mapping[Letter, Wording]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
