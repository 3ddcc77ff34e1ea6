"""What PS ask for in good and in sloppy French: to be registered, to get nothing more, to see their data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mail import registration


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, merci d'enregistrer mon adresse, cabinet Dr Martin, n° AM 752000019",
        "Merci d’enregistrer cette adresse, n° PS 750100125",
        "bonjour je voudrai inscrire mon mail pour les retours",
        "slt merci denregistrer mon mail am 752000019",
        "je souhaite m inscrire au flux tiers",
        "Je vous prie de bien vouloir prendre note de mon adresse électronique",
        "Veuillez noter mon adresse email pour l'envoi des bordereaux",
        "Pourriez-vous m'envoyer les bordereaux à cette adresse",
        "Nous souhaitons adhérer au service Flux Tiers",
        "Comment faire pour recevoir les rejets par mail ?",
        "merci de mettre cette adresse pour les retours noemie",
        "Voici notre adresse mail : pharmacie@example.fr, FINESS 750100125",
        "Voici mon mail pour les bordereaux",
        "Notre adresse de messagerie pour les rejets est celle-ci",
        "Demande de rattachement de notre adresse mail",
        "Demande d'inscription au flux tiers payant",
        "Création d'un compte flux tiers",
        "Je désire être inscrite à votre service d'envoi des retours",
        "on aimerait avoir les bordereaux par mail",
        "svp inscrivez moi finess 750100125",
        "Merci de nous inscrire",
        "Inscrivez notre pharmacie s'il vous plait",
        "inscription",
        "Activation de l'envoi par mail",
        "Ouverture d'un accès flux tiers pour notre centre de santé",
        "Merci de rajouter notre boîte mail",
        "merci d'ajouter aussi la compta, compta@example.fr",
        "Nouvelle adresse mail du cabinet",
        "changement de mail",
        "Changement d'adresse électronique",
        "notre mail a changé",
        "Mon ancienne adresse n'existe plus, merci d'utiliser celle-ci",
        "Merci d'utiliser désormais cette adresse",
        "Je remplace le Dr Martin du 3 au 28 août, merci de m'envoyer ses bordereaux",
        "Remplaçante du Dr X du 3 au 28 août, merci d'enregistrer mon adresse",
        "Merci d'envoyer désormais les retours à l'adresse du secrétariat",
        "Toutes les correspondances doivent maintenant être adressées à cette adresse mail",
        "Je vous transmets mon adresse mail professionnelle",
        "je vous communique mon mail",
        "Ci-dessous notre adresse mail et notre numéro AM pour l'enregistrement",
        "MERCI D ENREGISTRER MON ADRESSE MAIL",
        "Mise à jour de nos coordonnées mail",
        "Modification de mes coordonnées : nouveau mail",
        "merci de bien vouloir m'ajouter à votre liste de diffusion des bordereaux",
        "nous voudrions être destinataires des bordereaux",
        "Je veux recevoir vos retours de tiers payant ici",
        "Souscription au service",
        "Pouvez vous associer cette adresse à mon numéro de PS",
    ],
)
def test_to_be_registered(text: str) -> None:
    assert registration.register("Bonjour", text)
    assert not registration.unsubscribe("Bonjour", text)


@pytest.mark.parametrize(
    "text",
    [
        "je n'exerce plus",
        "Je n exerce plus depuis juin",
        "jexerce plus",
        "Départ en retraite",
        "Je pars en retraite le 30 juin",
        "je pars à la retraite fin juin, merci d'arrêter vos envois",
        "Suite à mon départ à la retraite, merci de supprimer mon adresse",
        "je suis retraitée depuis le 1er janvier",
        "je suis en retraite",
        "Fermeture du cabinet",
        "Fermeture définitive du cabinet au 31 décembre",
        "le cabinet ferme définitivement",
        "Notre pharmacie a fermé définitivement",
        "Cessation d'activité",
        "Je cesse mon activité le 30/06/2026",
        "jarrete mon activite",
        "J'arrête mon activité libérale",
        "arret d'activite",
        "desinscription",
        "Désinscription svp",
        "merci de me desinscrire",
        "me desabonner svp",
        "desabonnement",
        "ne plus recevoir vos mails",
        "je veux plus recevoir vos mail",
        "plus de mail svp",
        "Merci de ne plus m'envoyer de mails",
        "merci de ne plus m envoyer de bordereaux",
        "ne m'envoyez plus de mail",
        "ne m envoyez plus rien",
        "stop",
        "STOP mail",
        "Stop aux mails svp",
        "arretez vos mails",
        "merci de me retirer de votre liste",
        "Retirez-moi de la liste de diffusion",
        "supprimez mon mail",
        "veuillez supprimer cette adresse de votre base",
        "merci de radier mon adresse",
        "Résiliation de mon inscription",
        "Je souhaite résilier",
        "je souhaite mettre fin à mon inscription",
        "fin d'inscription",
        "Je ne souhaite plus être destinataire",
        "Le cabinet a été vendu, merci de supprimer cette adresse",
        "J'ai cédé ma patientèle",
        "J'ai vendu ma pharmacie, je ne suis plus concerné",
        "vente de l'officine",
        "je ne suis plus concernée par vos envois",
        "Radiation de l'ordre au 31 mars, je n'ai plus d'activité",
        "Le Dr Martin est décédé, merci de ne plus écrire",
        "Je quitte le cabinet, merci d'arrêter les envois à cette adresse",
        "cette adresse n'est plus à utiliser, je ne travaille plus au cabinet",
        "Mon remplacement est terminé, merci de ne plus m'envoyer les bordereaux",
        "fin de remplacement",
    ],
)
def test_to_get_nothing_more(text: str) -> None:
    assert registration.unsubscribe("Bonjour", text)
    assert registration.unsubscribe(text, "Cordialement")
    assert not registration.access("Bonjour", text)


@pytest.mark.parametrize(
    "text",
    [
        "droit d'accès",
        "Je souhaite exercer mon droit d'accès",
        "En vertu de l'article 15 du RGPD, je demande une copie de mes données personnelles",
        "Merci de me communiquer les données que vous détenez sur moi",
        "copie des données que vous détenez",
        "À l'attention du DPO",
        "A l'attention du délégué à la protection des données",
        "Demande RGPD",
        "Je demande l'effacement de mes données personnelles (article 17)",
        "droit de rectification",
        "droit à l'effacement",
        "quelles données avez-vous sur mon cabinet ?",
        "je veux savoir quelles infos vous avez sur moi",
        "Merci de supprimer toutes mes données personnelles",
        "exercice de mes droits informatique et libertés",
        "demande acces a mes donnees",
        "droit d acces",
        "Demande de portabilité de mes données",
        "Je m'oppose au traitement de mes données personnelles",
        "suppression de mes données",
        "Conformément à l’article 15 du RGPD, je vous demande une copie de mes données",
    ],
)
def test_to_use_a_right_over_ones_data(text: str) -> None:
    assert registration.access("Bonjour", text) == "le texte exerce un droit sur des données personnelles (RGPD)"
    assert registration.access(text, "") == "l’objet exerce un droit sur des données personnelles (RGPD)"


@pytest.mark.parametrize(
    "text",
    [
        "Facture n° 531341 corrigée",
        "Je vous communique par mail la facture n° 531341",
        "J'ai modifié l'adresse du patient sur la facture n° 531341",
        "Fermeture du cabinet du 1er au 15 août",
        "Le cabinet sera fermé du 3 au 28 août inclus",
        "Le patient a changé de mutuelle",
        "Merci de noter la nouvelle adresse de l'assuré",
        "La carte du patient n'est plus valide",
        "Merci de me confirmer la réception",
        "Je ne souhaite pas me désinscrire",
        "merci d'arrêter de refuser la facture 12",
        "Je ne comprends pas ce rejet",
        "L'état de santé du patient a changé",
        "Pourriez-vous me dire quand la facture 12 sera payée ?",
        "Le médecin prescripteur est parti en retraite, facture 531341",
        "Merci d'enregistrer la facture 12",
        "Je vous adresse par mail le duplicata de l'ordonnance",
        "Nous avons ajouté la facture n° 13 au lot 54",
        "Nous n'avons plus de factures en attente",
        "Merci d'annuler la facture 531341",
        "Le patient n'exerce plus d'activité professionnelle",
        "Conformément au RGPD, vous disposez d'un droit d'accès, de rectification et d'effacement de vos données.",
        "Vos données personnelles sont traitées conformément au RGPD ; pour exercer vos droits, écrivez à"
        " notre délégué à la protection des données (DPO).",
        "Ce message peut contenir des données personnelles protégées par le RGPD.",
        "Pour exercer votre droit d'accès, contactez dpo@example.fr",
        "Merci de m'envoyer les bordereaux de la facture 12 ?",
        "Les informations que vous avez demandées sont jointes.",
        "Conformément à la loi,\nvous disposez d’un droit d’accès aux données\nqui vous concernent. DPO :"
        " dpo@example.fr",
    ],
)
def test_who_writes_of_other_things_asks_for_none_of_these(text: str) -> None:
    assert not registration.unsubscribe("Bonjour", text)
    assert not registration.access("Bonjour", text)
    assert not registration.register("Bonjour", text)


@pytest.mark.parametrize(
    "text",
    [
        "Merci de ne pas supprimer mon adresse",
        "Je ne souhaite pas résilier mon inscription",
        "Merci de ne plus nous écrire par courrier : nous préférons le mail",
        "Nous fermons définitivement l’ancienne boîte : voici notre nouvelle adresse mail",
    ],
)
def test_what_is_denied_and_what_is_changed_is_no_farewell(text: str) -> None:
    assert not registration.unsubscribe("Bonjour", text)


@given(st.text(max_size=300), st.text(max_size=60))
def test_nothing_raises(text: str, subject: str) -> None:
    for ask in (registration.register, registration.unsubscribe, registration.access):
        assert ask(subject, text) in ("", ask(subject, ""), ask("", text))
