"""The closed room in which templates run: which names, filters, tests and operators there are.

Owns: Jinja's environment. Immutable, strict about undefined names, no globals, no call but of the template's own
macros, no operator that could fill the memory, no include but from the mapping. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.letters.text_layout import plier, souligner

_EVERYWHERE = frozenset({"titre", "sous_titre", "apercu", "organisation", "ps", "jour", "reference"})

#: kind -> names that its context holds (page.py and the letters fill exactly these).
KINDS: dict[str, frozenset[str]] = {
    "bordereau": _EVERYWHERE
    | {"rang", "premier", "fiches", "retours", "totaux", "phrase", "bilans", "conseils", "masque", "jointes", "reponse"}
    | {"habitude", "lien"},
    "inscription": _EVERYWHERE | {"etape", "phrases", "faits", "listes", "action", "fin"},
    "etat": _EVERYWHERE | {"phrases", "blocs", "consignes", "groupes", "fin"},
    "reponse": _EVERYWHERE | {"blocs"},
    "accuse": _EVERYWHERE | {"suites", "demandes", "phrases"},
    "rapport": _EVERYWHERE | {"totaux", "phrase", "bilans", "signalees", "autres", "reprises", "papiers", "habitude"},
    "relance": _EVERYWHERE | {"rappels", "autres", "phrases", "lien"},
    "digest": _EVERYWHERE | {"attentes"},
}

#: The only filters a template may use.
FILTERS: dict[str, Callable[..., Any]] = {
    "plier": plier,
    "souligner": souligner,
    "upper": lambda text: str(text).upper(),
    "length": len,
    "join": lambda items, by="": by.join(str(item) for item in items),
}

#: The only tests (`{% if x is … %}`).
TESTS = ("defined", "none", "odd", "even")


class _Sandbox(ImmutableSandboxedEnvironment):
    """See the module; `*` is for small whole numbers only."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        # A field of our own records is a value: jinja2's five questions about it take as long as the rest of the page.
        if attribute in _fields(type(obj)):  # type: ignore[arg-type]  # a type has a hash
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Macro)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, int) and isinstance(right, int) and operator != "**":
            return super().call_binop(context, operator, left, right)
        raise SecurityError(f"opérateur {operator} refusé dans un modèle")


@cache
def _fields(kind: type) -> frozenset[str]:
    """The fields of a dataclass or named tuple of ours."""
    if not kind.__module__.startswith("mailbot."):
        return frozenset()
    names: Iterable[str] = getattr(kind, "__dataclass_fields__", None) or getattr(kind, "_fields", None) or ()
    return frozenset(name for name in names if not name.startswith("_"))


def environment(files: Mapping[str, str], html: bool) -> _Sandbox:
    # Autoescape by hand: select_autoescape would leave .mjml unescaped.
    env = _Sandbox(
        loader=DictLoader(dict(files)),
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=not html,
        lstrip_blocks=not html,
        keep_trailing_newline=True,
        cache_size=50,
        auto_reload=False,
    )
    env.globals.clear()
    env.filters = dict(FILTERS)
    env.tests = {name: env.tests[name] for name in TESTS}
    return env
