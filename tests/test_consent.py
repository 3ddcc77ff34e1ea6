"""What an answer to "oui ou non ?" says: a yes only where every word agrees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.inscriptions import Consent, Role
from mailbot.parsers.mail import consent, courtesy


@pytest.mark.parametrize(
    "text",
    [
        "Oui",
        "OUI",
        "oui.",
        "Ok",
        "ok merci",
        "D'accord",
        "d’accord pour moi",
        "Je confirme",
        "Nous confirmons",
        "je vous confirme",
        "C'est bien moi",
        "c'est bien nous",
        "J'accepte",
        "Accord donné",
        "Validé",
        "Oui, pas de problème",
        "Bonjour,\n\nOui.\n\nCordialement,\nDr Anne Martin\n12 rue des Lilas\n75012 Paris\nTél. 01 23 45 67 89",
        "Bonjour, je confirme ma demande d'inscription. Merci",
        "Oui je confirme l'enregistrement de cette adresse",
        "Oui Madame",
        "oui c'est bien notre adresse",
        "Bonjour\n\nJe vous confirme que c'est bien moi",
        "Oui\n\nDr Martin",
        "Oui, c’est bien nous qui avons fait la demande.",
        "bon pour accord",
        "Oui\nPharmacie du Parc",
        "Tout à fait, oui",
        "oui merci d'avance",
        "Oui !",
        "« Oui »",
        "OK pour nous",
        "Oui, vous pouvez l'enregistrer",
        "oui aucun souci",
        "yes",
        "OUI, Dr Martin",
        "je suis d accord",
        "jaccepte",
        "oui cest moi",
        "Oui.\n\nBien cordialement,\nLe secrétariat médical",
        "Oui je suis bien le titulaire de cette adresse",
        "Oui, je n'ai pas d'objection",
        "Oui, je ne m'y oppose pas",
        "Oui, merci pour votre message, dans l'attente de votre retour",
        "Oui 👍",
        "oui Dr Martin",
        "Bjr oui ok",
        "Bien reçu, je confirme",
        "Oui\nVeuillez agréer, Madame, Monsieur, l'expression de mes salutations distinguées",
        "Oui.\nDr P. Martin - Masseur kinésithérapeute D.E.",
        # what somebody says whom we told of a change
        "C'est bien notre nouvelle adresse",
        "C'est normal",
        "Oui c'est normal, nous avons changé d'adresse",
        "Oui merci",
    ],
)
def test_a_yes(text: str) -> None:
    assert consent.read(text) is Consent.YES


#: A change that was not asked for, as people say so.
_DISPUTES = (
    "NON ! Qui a demandé ça ?",
    "Non, qui est-ce ?",
    "C'est quoi cette adresse ?",
    "Qui a demandé ça ?",
    "D'où vient cette demande ?",
    "Ce n'est pas notre adresse !",
    "Je n'ai jamais demandé ce changement.",
    "Nous n'avons rien demandé, merci de rétablir notre adresse",
    "Non. Merci de remettre contact@pharmacie-port.example.fr",
    "Erreur, je n'ai pas changé d'adresse",
    "ATTENTION c'est une fraude",
    "Stop",
    "STOP, arrêtez tout",
    "Annulez",
    "annulez svp",
    "Nous n'avons pas changé d'adresse",
    "Nous contestons ce changement, merci de l'annuler",
    "Je conteste",
    "Merci d'annuler ce changement",
    "Opposition",
    "Notre adresse n'a pas changé",
    "Inconnu",
    "Non, remettez notre adresse svp, merci, ok ?",
    "Non! c'est bien notre adresse qui doit recevoir",
    "Non, notre adresse est toujours la bonne, oui celle-ci",
    "Non, notre adresse est toujours contact@pharmacie-port.example.fr, ok ?",
    "Gardez notre adresse",
    "jai rien demandé",
    "g rien demandé",
    "NON JE NAI RIEN DEMANDE",
    "Non monsieur",
    "NOOOON",
    "Nn",
    "je veux garder mon adresse",
    "C'est un piratage",
    "Désinscrivez cette adresse",
    "C'est faux",
    "Ce n'était pas nous, rappelez moi au 01 02 03 04 05",
    "Non, je confirme que je n'ai rien demandé",
    "Je confirme que nous n'avons rien demandé",
    "Non : je vous confirme ne pas être à l'origine",
    "Nous ne sommes pas à l'origine de cette demande",
    "Pourquoi ? Je n'ai rien demandé",
    "NON, je me suis trompé, n'enregistrez pas cette adresse.",
)


@pytest.mark.parametrize(
    "text",
    [
        "Non",
        "NON",
        "non merci",
        "Non, surtout pas !",
        "Je refuse",
        "Nous refusons",
        "Ce n'est pas moi",
        "c'est pas moi",
        "Ce n’est pas nous",
        "Je n'ai rien demandé",
        "Je ne suis pas à l’origine de cette demande",
        "Merci de ne pas enregistrer cette adresse",
        "Je m’y oppose",
        "Nous n'avons rien demandé.",
        "je n'ai pas fait cette demande",
        "Je ne connais pas cette adresse",
        "Nous ne connaissons pas cette personne",
        "Surtout pas",
        "pas d'accord",
        "Je ne suis pas d'accord",
        "je ne confirme pas",
        "Non. Je n'ai jamais demandé cela, merci de ne rien enregistrer.",
        "Bonjour,\nNon, cette adresse nous est inconnue.\nCordialement\nDr Martin",
        "C'est une usurpation",
        "je n'accepte pas",
        "Je refuse cette demande",
        "On ne connait pas cette adresse",
        "je n ai rien demande",
        "Nous n'avons jamais fait de demande",
        "Non.\n-- \nDr Martin",
        "Je ne veux pas",
        "Nous ne souhaitons pas cette inscription",
        "Hors de question",
        "refus",
        "c'est une arnaque",
        "Non, merci d'annuler cette demande",
        "Je confirme que ce n'est pas moi",
        "il s'agit d'une erreur",
        "j'ai répondu oui par erreur",
        *_DISPUTES,
    ],
)
def test_a_no(text: str) -> None:
    assert consent.read(text) is Consent.NO


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anne Martin\nPharmacie du Parc",
        "Bonjour",
        "Bonjour Madame, Monsieur,\n\nMerci par avance.\n\nBien cordialement,\n\nDr Anne MARTIN\nInfirmière libérale"
        "\n12, rue des Lilas\n75012 Paris\nTél : 01 23 45 67 89\nanne.martin@example.fr",
        "Bonjour,\n\nCordialement,\nDr Martin",
        "Bonjour,\nMerci d'avance\nBien à vous",
        "Bonne journée",
        "Cordialement",
        "Dr Anne Martin",
        "Merci",
    ],
)
def test_nothing_new_was_written(text: str) -> None:
    assert consent.read(text) is Consent.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "oui mais pas cette adresse",
        "Oui mais…",
        "oui, mais seulement en août",
        "Oui ou non",
        "Oui ?",
        "C'est quoi ?",
        "Est-ce bien nécessaire ?",
        "Je confirme mon refus",
        "Oui si c'est gratuit",
        "non, enfin oui",
        "Oui\nAnnulé",
        "Oui\nPlus Tard",
        "Oui\nNon",
        "Je ne dis pas non",
        "Pourquoi pas",
        "peut-être",
        "Je vous rappelle demain",
        "Bien reçu",
        "Ok bien reçu",
        "Je confirmerai",
        "oui sauf pour les bordereaux",
        "Non ok",
        "Oui\nCordialement\nPS : en fait annulez",
        "oui, ce n'est plus valable",
        "D'accord avec votre refus",
        "Est-ce que je confirme",
        "Oui, l'adresse est fausse",
        "pas de problème",
        "Non seulement je confirme, mais en plus",
        "Oui, nous avons changé de numéro",
        "je confirme la réception de votre mail",
        "Oui\nJamais",
        "OUI\nNE PAS",
        "demande d'accord",
        "Oui. Non.",
        "ok pour le rejet, mais je conteste",
        "👍",
        "Je confirme ?",
        "oui\n\n\nnon",
        "Oui\nMais",
        "oui, à condition de garder l'autre",
        "Oui pour Paris, non pour Lyon",
        "Je confirme avoir reçu votre message",
        "ne confirme rien sans moi, ok ?",
        "oui " * 2_000,
        "oui" + " " * 2_000 + "zut",
        "Oui, Dr Martin mais non",
        # a condition is no courtesy, and no name
        "Oui. Merci de votre appel avant toute modification.",
        "Oui. Merci pour votre vérification auprès du docteur avant.",
        "Oui, merci de cette vérification préalable",
        "Oui, dans l'attente de l'avis du docteur.",
        "Oui, dans l'attente de votre appel pour en discuter.",
        "Oui\n\nCordialement\nSous Réserve",
        "Oui\nCordialement\nA Vérifier",
        "Oui\nDr Martin Absent",
        "Oui, nous restons à votre disposition après le retour du docteur",
        "Oui, merci pour votre vigilance et votre blocage",
        "Oui, veuillez agréer que cette adresse disparaisse",
        "Oui\nCordialement\nSous Contrôle Médical",
        "Oui\nPeut-Être",
        "Oui\nCordialement\nC'est Une Blague",
        "Oui\nCordialement\nsophie verra",
        "Oui, elle me remplace jusqu'au 30 juin",
        # what sounds like a no and is none
        "non, pas d'objection",
        "Je ne m'y oppose pas",
        "je refuse pas",
        "C'est la nouvelle secrétaire, non ?",
        "Non, je suis d'accord",
    ],
)
def test_in_doubt_an_agent_reads_it(text: str) -> None:
    assert consent.read(text) is Consent.UNCLEAR


@pytest.mark.parametrize(
    ("subject", "text", "wanted"),
    [
        ("Oui", "", Consent.YES),
        ("OUI je confirme", "Cordialement,\nDr Martin", Consent.YES),
        ("non merci", "", Consent.NO),
        ("Re: Oui", "", Consent.EMPTY),
        ("RE : oui", "Bonjour", Consent.EMPTY),
        ("Inscription", "", Consent.EMPTY),
        ("oui mais", "", Consent.UNCLEAR),
        ("oui ?", "", Consent.UNCLEAR),
        ("Oui", "Non", Consent.NO),
        ("Oui", "Je vous rappelle", Consent.UNCLEAR),
        ("Non", "Oui", Consent.YES),
    ],
)
def test_a_subject_counts_where_nothing_else_was_written(subject: str, text: str, wanted: Consent) -> None:
    assert consent.read(text, subject) is wanted


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Oui", None),
        ("OUI.", Role.RETOURS),
        ("Oui, c'est d'accord", Role.RETOURS),
        ("D'accord", Role.RETOURS),
        ("OK pour moi", Role.RETOURS),
        ("Je confirme", Role.RETOURS),
        ("Oui, d'accord, merci.", Role.RETOURS),
        ("Bonjour,\n\nOui.\n\nCordialement,\nDr Anne Martin\n12 rue des Lilas\n75012 Paris", Role.RETOURS),
        ("Oui, je connais cette adresse", Role.RETOURS),
        ("J'accepte l'inscription de cette adresse, merci", Role.SECRETARIAT),
        ("Oui, vous pouvez l'enregistrer. Merci pour votre vigilance", Role.RETOURS),
        ("D'accord pour moi, merci", Role.RETOURS),
        ("Oui, pas de problème", Role.RETOURS),
        ("Oui c'est bien ma remplaçante", Role.REMPLACANT),
        ("Oui, c’est bien notre service de facturation.", Role.RETOURS),
        ("Oui pour le secrétariat", Role.SECRETARIAT),
        ("Oui c'est l'adresse de ma secrétaire", Role.SECRETARIAT),
        ("Oui c'est notre secrétaire Sophie", Role.SECRETARIAT),
        ("Oui, c'est bien notre nouvelle adresse", Role.RETOURS),
        ("Oui c'est la nouvelle adresse du cabinet", Role.RETOURS),
        ("Oui, merci de l'enregistrer", Role.RETOURS),
        ("Je donne mon accord", Role.RETOURS),
        ("Oui je suis d'accord avec cette demande", Role.RETOURS),
        ("Oui exactement", Role.RETOURS),
        ("Bonjour oui allez-y merci", Role.RETOURS),
        ("Bonjour,\nSuite à votre mail, je confirme.\nBien à vous\nMme Durand, secrétaire", Role.RETOURS),
        ("Oui je confirme le remplacement", Role.REMPLACANT),
        ("Oui, Mme Durand me remplace", Role.REMPLACANT),
    ],
)
def test_a_yes_to_somebody_elses_address(text: str, role: Role | None) -> None:
    assert consent.read(text) is Consent.YES and consent.is_about_another(text, role)


@pytest.mark.parametrize(
    "text",
    [
        "Ok merci",
        "D'accord, merci de votre message.",
        "Je confirme mon inscription",
        "Je confirme ma demande d'inscription",
        "Oui c'est ma demande",
        "Je valide mon enregistrement",
        "C'est bien moi",
        "C'est bien mon adresse",
        "Je suis d'accord pour recevoir les bordereaux",
        "Oui notre cabinet accepte les mails",
        "Oui pour ma secrétaire",
        "Oui c'est bien la secrétaire",
        "C'est bien l'adresse de ma secrétaire, ok",
        "Oui pour la comptabilité",
        "Oui pour ma remplaçante",
        "Oui pour mon mail",
        "D'accord, je demande à ma collègue",
        "Exact, c'est la nouvelle secrétaire",
        "Oui, recevoir les bordereaux",
        "Oui c'est notre comptable",
        "C'est normal",
    ],
)
def test_a_yes_about_oneself_or_another_role_is_none(text: str) -> None:
    assert not consent.is_about_another(text, Role.RETOURS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Stop", Consent.YES),
        ("Arrêtez les envois svp", Consent.YES),
        ("Oui, arrêtez les envois", Consent.YES),
        ("Oui", Consent.YES),
        ("Non, continuez", Consent.NO),
        ("N'arrêtez pas", Consent.UNCLEAR),
        ("Non, stop", Consent.UNCLEAR),
        ("Oui merci", Consent.YES),
        ("Je confirme", Consent.YES),
        ("Oui, je confirme la désinscription", Consent.YES),
        ("Désinscrivez-moi", Consent.YES),
        ("arrêtez", Consent.YES),
        *(
            (stays, Consent.UNCLEAR)
            for stays in (
                "C'est bien notre adresse",
                "Oui c'est bien nous",
                "Je confirme mon inscription",
                "Ok merci",
                "ok",
                "Oui je confirme mon adresse",
                "Oui recevoir",
                "Annulez !",
                "Annulation",
                "Oui, svp continuez",
            )
        ),
    ],
)
def test_where_the_question_is_whether_to_stop_stop_is_a_yes(text: str, wanted: Consent) -> None:
    assert consent.read(text, stopping=True) is wanted


_YES = [
    "Oui",
    "oui.",
    "D'accord",
    "Je confirme",
    "j'accepte",
    "OK pour nous",
    "Oui, pas de problème",
    "Bon pour accord",
]


@given(st.sampled_from(_YES), st.sampled_from(_DISPUTES), st.booleans())
def test_what_says_yes_and_no_is_neither(yes: str, no: str, first: bool) -> None:
    no = no.replace("?", "")
    assert consent.read(f"{yes}\n{no}" if first else f"{no}\n{yes}") is Consent.UNCLEAR


@pytest.mark.parametrize(
    "signature",
    [
        "Dr J. Martin", "Pharmacien titulaire", "Médecin généraliste", "Chirurgien-dentiste", "Orthophoniste",
        "Masseur-kinésithérapeute D.E.", "Préparatrice en pharmacie", "L'équipe officinale", "Le secrétariat",
        "L’équipe de la pharmacie", "sophie durand", "Sophie", "RPPS 10101010101", "12 rue du Port, 33000 Bordeaux",
        "Membre d'une association agréée, le règlement des honoraires par chèque est accepté",
        "Membre d'une association agréée,\nle règlement des honoraires par chèque est accepté",
    ],
)  # fmt: skip
def test_who_signs_below_a_yes_changes_nothing(signature: str) -> None:
    text = f"Oui\n\nCordialement,\n\n{signature}"
    assert consent.read(text) is Consent.YES and consent.is_about_another(text, Role.RETOURS)


def test_a_condition_below_the_signature_line_is_seen() -> None:
    assert consent.is_conditioned("Nous ne validons que par téléphone, rappelez-nous avant tout changement")
    assert not consent.is_conditioned(
        "Dr Martin\n12 rue du Port\n\nCe message est confidentiel. Toute modification ou diffusion non autorisée est "
        "interdite. N'imprimez ce mail que si nécessaire."
    )


@pytest.mark.parametrize("unit", ["oui ", "merci pour votre ", "salutations distinguées ", "Dr ", "je n'exerce plus "])
def test_long_mails_are_read_at_once(unit: str) -> None:
    """Would not end with an expression that tries every way to part them."""
    text = unit * 120 + "zut"
    assert consent.read(text) is not Consent.YES and not consent.is_about_another(text, Role.RETOURS)
    assert consent.read(f"Oui\n{text}", stopping=True) is not Consent.YES


_AGREEING = [
    "oui",
    "ok",
    "je confirme",
    "d'accord",
    "c'est bien moi",
    "merci",
    "Bonjour",
    "cette adresse",
    "Dr Martin",
    "j'accepte",
]
_DENYING = [
    "ne",
    "n'",
    "non",
    "NON",
    "Jamais",
    "jamais",
    "refuse",
    "Refus",
    "mais",
    "sauf",
    "contre",
    "plus",
    "ni",
    "Aucunement",
]
_DENYING += [
    "rien",
    "pas",
    "Pas",
    "annulez",
    "Annulé",
    "faux",
    "erreur",
    "si",
    "conteste",
    "stop",
    "plus tard",
    "inconnu",
]
_GAPS = st.sampled_from([" ", "\n", ", ", ". ", "\n\nCordialement\n", " - ", "\n-- \n", "\u00a0"])


#: Words of sentences that no answer in the grammar holds.
_ELSEWHERE = [
    *("rappelez", "fournissez", "telephonez", "passera", "examinera", "reviendra", "decidera", "regarde", "signera"),
    *("lundi", "ensuite", "dossier", "contrat", "justificatif", "identité", "verifions", "transmettra", "envoyez"),
]


@given(st.sampled_from(_YES), st.data(), st.booleans())
def test_a_sentence_from_elsewhere_leaves_no_yes(yes: str, data: st.DataObject, capital: bool) -> None:
    glue = st.sampled_from(["le", "la", "les", "votre", "le docteur", "de", "à", "en", "Mme Durand", "je", "Sophie"])
    words = [data.draw(st.one_of(glue, st.sampled_from(_ELSEWHERE))) for _ in range(data.draw(st.integers(1, 5)))]
    words.insert(data.draw(st.integers(0, len(words))), data.draw(st.sampled_from(_ELSEWHERE)))
    sentence = " ".join(words)
    gap = data.draw(_GAPS)
    # Known limit: below a closing, nouns that all have a capital are taken for a name ("Contrat de Sophie").
    if capital and len(words) > 1 and "\n" not in gap:
        sentence = sentence[0].upper() + sentence[1:]
    assert consent.read(f"{yes}{gap}{sentence}") is not Consent.YES
    assert consent.read(f"{sentence}{gap}{yes}") is not Consent.YES


@pytest.mark.parametrize("line", ["Fournissez le", "Rappelez Mme Durand", "Vérifions Sophie", "Passera Lundi"])
def test_an_order_below_the_closing_is_no_name(line: str) -> None:
    assert consent.read(f"Oui\n\nCordialement\n{line}") is Consent.UNCLEAR


@pytest.mark.parametrize("name", ["Sophie Martinez", "MARTINEZ Sophie", "Dr Perez", "Perez", "Pharmacie de la Place"])
def test_a_name_that_ends_like_a_verb_stays_a_name(name: str) -> None:
    assert consent.read(f"Oui\n\nCordialement\n{name}") is Consent.YES


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_AGREEING), max_size=6), st.sampled_from(_DENYING), st.data())
def test_a_text_that_denies_anything_is_never_a_yes(agreeing: list[str], denying: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(agreeing)))
    words = [*agreeing[:place], denying, *agreeing[place:]]
    text = "".join(word + data.draw(_GAPS) for word in words)
    assert consent.read(text) is not Consent.YES
    assert consent.read("", " ".join(text.split())) is not Consent.YES


@given(st.lists(st.text(st.characters(categories=["L", "P", "Z"]), min_size=1, max_size=9), min_size=1, max_size=8))
def test_words_that_nobody_knows_are_no_yes(words: list[str]) -> None:
    unknown = [f"{word}zq" for word in words]
    assert consent.read(f"oui {' '.join(unknown).lower()}") is not Consent.YES


@given(st.text(max_size=400), st.text(max_size=80))
def test_nothing_raises_and_courtesies_are_put_aside_for_good(text: str, subject: str) -> None:
    assert consent.read(text, subject) in Consent
    left = courtesy.without(text)
    assert courtesy.without(f"Bonjour,\n\n{left}") in (courtesy.without(left), left)
