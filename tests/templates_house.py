"""A small set of templates of its own, with samples, for the tests of what admins write: the shipped ones may change
their looks without changing what a mistake is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailbot.letters import trial
from mailbot.letters.verdict import Verdict

_STYLE = """<mj-head>
  <mj-title>{{ titre }}</mj-title>
  <mj-preview>{{ apercu }}</mj-preview>
  <mj-raw><meta name="color-scheme" content="light dark" /></mj-raw>
  <mj-attributes>
    <mj-section padding="6px 10px" />
    <mj-text padding="0" font-size="15px" color="#16202c" />
  </mj-attributes>
  <mj-style>
    .boite { width: 100%; background-color: #ffffff; border: 1px solid #d9e0e7; }
    .doux { margin: 2px 0 0; color: #4a5664; }
    h2 { margin: 0; font-size: 18px; color: #16202c; }
    .somme { font-weight: 700; text-align: right; }
    a { color: #0a5a6c; }
    @media (prefers-color-scheme: dark) {
      .fond, .fond > div { background-color: #11161b !important; }
      .boite { background-color: #1a2129 !important; }
      h2, .p, .somme, .v { color: #eef2f6 !important; }
      .doux, .k { color: #abb7c3 !important; }
      a { color: #7ccfdf !important; }
    }
  </mj-style>
</mj-head>
"""
_PAGE = """<mjml lang="fr" dir="ltr">
<mj-include path="_style.mjml" />
<mj-body width="660px" background-color="#eef2f5" css-class="fond">
{# Une fiche par facture #}
{% for fiche in fiches %}
<mj-section>
  <mj-column>
    <mj-text>
      <table class="boite" role="presentation"><tr><td>
        <h2>Facture n°&nbsp;{{ fiche.facture }}</h2>
        <p class="doux">{% if fiche.patient %}{{ fiche.patient }}{% else %}Patient non précisé{% endif %}</p>
        <p class="somme">{{ fiche.montant }}</p>
        <table class="d" aria-label="Détails de la facture {{ fiche.facture }}">
          <tr><th class="k" scope="row">NIR</th><td class="v">{{ fiche.nir }}</td></tr>
          {% if fiche.anomalie %}<tr><th class="k" scope="row">Anomalie</th>
          <td class="v">{{ fiche.anomalie.libelle }}</td></tr>{% endif %}
        </table>
        <p><a href="{{ fiche.lien }}">Répondre</a></p>
      </td></tr></table>
    </mj-text>
  </mj-column>
</mj-section>
{% endfor %}
{% if bilans %}
<mj-section>
  <mj-column>
    <mj-text>
      <h2 class="p">Vos lots</h2>
      {% for bilan in bilans %}<p class="p">Lot {{ bilan.lot }}, {{ bilan.etat }}</p>{% endfor %}
    </mj-text>
  </mj-column>
</mj-section>
{% endif %}
<mj-include path="_pied.mjml" />
</mj-body>
</mjml>
"""
_FOOT = """<mj-section padding="6px 14px 28px">
  <mj-column>
    <mj-text>
      <p class="doux">{{ organisation.name }}{% if organisation.phone %}, {{ organisation.phone }}{% endif %}</p>
      <p class="doux">Réf. {{ reference }}</p>
    </mj-text>
  </mj-column>
</mj-section>
"""
_TEXT = """{{ titre | upper | souligner("=") }}
{{ sous_titre }}
{% for fiche in fiches %}
Facture {{ fiche.facture }}
  Montant : {{ fiche.montant }}, facture {{ fiche.facture }}
{% if fiche.anomalie %}
  {{ fiche.anomalie.libelle }}
{% endif %}
{% endfor %}
{% if phrase %}
{{ phrase | plier }}
{% endif %}
Bon à savoir
{% include "_pied.txt" %}
"""

FILES = {
    "_style.mjml": _STYLE,
    "_pied.mjml": _FOOT,
    "_pied.txt": "-----\n{{ organisation.name }}\nRéf. {{ reference }}\n",
    "bordereau.mjml": _PAGE,
    "bordereau.txt": _TEXT,
    "accuse.mjml": '<mjml lang="fr">\n<mj-include path="_style.mjml" />\n<mj-body css-class="fond">\n'
    '<mj-include path="_pied.mjml" />\n</mj-body>\n</mjml>\n',
    "accuse.txt": '{{ titre }}\n{{ sous_titre }}\n{% include "_pied.txt" %}\n',
}
_EVERYWHERE = {
    "titre": "2 factures refusées",
    "sous_titre": "Voici pourquoi",
    "apercu": "100 % RO.",
    "organisation": {"name": "Mutuelle des Rivages", "phone": "01 99 00 00 00"},
    "reference": "mb-abc",
}
_FICHE = {
    "facture": "26000",
    "patient": "Camille LENOIR",
    "nir": "••••017",
    "montant": "47,90 €",
    "lien": "mailto:reponses@example.fr",
}
CONTEXTS: dict[str, list[dict[str, Any]]] = {
    "bordereau": [
        {
            **_EVERYWHERE,
            "fiches": ({**_FICHE, "anomalie": None}, {**_FICHE, "anomalie": {"libelle": "Assuré inconnu"}}),
            "bilans": ({"lot": "20260131", "etat": "avec rejet"},),
            "phrase": "Nous avons traité 1 lot.",
        },
        {**_EVERYWHERE, "fiches": (), "bilans": (), "phrase": ""},
    ],
    "accuse": [{**_EVERYWHERE, "phrases": ("Merci.",)}],
}


def verdict(changes: Mapping[str, str]) -> Verdict:
    """What is said when an admin changes these files."""
    return trial.judge({**FILES, **changes}, list(changes), CONTEXTS)
