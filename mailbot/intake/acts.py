"""What the words of a PS do about its refused invoices: per invoice one act, with these words. Pure; never raises.

Each statement (`statements`) is read for its act and for what it is about: the invoices that it names, the quoted row
that it stands under, all of them ("toutes, sauf …"), the others, or those of the sentence before in its paragraph. What
is promised ("sera corrigée") is no act yet. A sentence of several acts in which it is not plain which number has which
gives them `A_LIRE`: the invoice is certain, the meaning is not. What says something and names nothing is *loose*.
Of several acts on one invoice the one that needs a human most counts; the words of all are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from mailbot.intake import lexicon, statements
from mailbot.intake.statements import Statement
from mailbot.model.decisions import ReplyAct
from mailbot.model.mails import Message

MAX_WORDS = 600  # characters of a PS's words about one invoice that are kept

_URGENCY = tuple(ReplyAct)  # in the order of its members: what a human must see first stands first


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice (compared number) that the words are about. `act` None: only announced ("sera corrigée").

    `nirs` and `lots` of its statements tell refusals with the same number apart; `new` are numbers that it is said to
    have now; `by_row`: it is not named, the words stand under its quoted row.
    """

    act: ReplyAct | None
    words: str
    new: tuple[str, ...] = ()
    by_row: bool = False


@dataclass(slots=True)
class Said:
    """What a text says. `invoices` by compared number; `patients` by NIR; `everything`: what it says of all refusals
    but `invoices` (or but those after "sauf"); `loose`: acts about no invoice that is named, with their words;
    `unknown`: invoice numbers that are none of those asked for; `unclear`: "toutes" was said in a way that could be
    read two ways; `promised`: something is announced that names no invoice; `courteous`: greetings and thanks, nothing
    else; `text`: the beginning of what was written."""

    invoices: dict[str, Named] = field(default_factory=dict)
    patients: dict[str, Named] = field(default_factory=dict)
    everything: Named | None = None
    but: frozenset[str] = frozenset()
    loose: list[tuple[ReplyAct, str]] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    unclear: bool = False
    promised: bool = False
    courteous: bool = True
    thanked: bool = False
    text: str = ""


def read(message: Message, wanted: Collection[str], count: int) -> Said:
    """What the new text does. `wanted`: compared numbers of the refusals asked for; `count`: how many are open."""
    wanted = {one for one in wanted if one}
    said = Said(text=" ".join(message.reply_text.split())[:MAX_WORDS])
    before: tuple[str, ...] = ()
    heading: Statement | None = None
    last = -1
    for one in statements.read(message, wanted):
        if one.paragraph != last and not (heading and (one.named or one.row)):
            before, heading = (), None
        last = one.paragraph
        said.courteous &= _is_courteous(one, said)
        before = _take(said, one, wanted, before, heading, count)
        if one.opens:
            heading = one
    said.courteous &= said.thanked
    _settle_loose(said)
    return said


def _is_courteous(one: Statement, said: Said) -> bool:
    if one.named or one.unknown or one.nirs or one.row:
        return False
    if lexicon.courteous(one.text):
        said.thanked |= not lexicon.greeting(one.text)
        return True
    return said.thanked and lexicon.like_a_name(one.text)


def _take(
    said: Said,
    one: Statement,
    wanted: Collection[str],
    before: tuple[str, ...],
    heading: Statement | None,
    count: int,
) -> tuple[str, ...]:
    """Adds one statement; gives the invoices, unknown ones too, that the next sentence goes on about."""
    act = lexicon.act_of(one.text)
    if act is None and heading and (one.named or one.unknown):
        act, one = lexicon.act_of(heading.text), replace(one, text=f"{heading.text} {one.text}")
        said.loose = [loose for loose in said.loose if loose[1] != heading.text]
    later = lexicon.announced(one.text)
    if _everything(said, one, act, later, count, wanted):
        return ()
    renamed = lexicon.new_numbers(one.text)
    others = tuple(number for number in one.unknown if number not in renamed)
    own = one.named or ((one.row,) if one.row else ())
    if not own and others:
        # What is said of an invoice that nobody asked for is said of no other.
        said.unknown |= dict.fromkeys(others)
        return others
    about = own or (before if act is not None else ())
    if about and not own and any(number not in wanted for number in about):
        act, about = ReplyAct.A_LIRE, tuple(number for number in about if number in wanted)
        for number in about:
            _add(said.invoices, number, _named(act, later, one.text))
        return before
    new = tuple(number for number in one.unknown if number in renamed) if about else ()
    said.unknown |= dict.fromkeys(number for number in one.unknown if number not in new)
    if one.nirs and not about:
        for nir in one.nirs:
            _add(said.patients, nir, _named(act, later, one.text))
        return ()
    if not about:
        if later:
            said.promised = True
        elif act is not None:
            said.loose.append((act, one.text))
        return before
    for number, part in _distributed(one, about, act, wanted, renamed):
        _add(said.invoices, number, _named(part, later, one.text, new, by_row=not one.named and bool(one.row)))
    return (*about, *others)


def _named(act: ReplyAct | None, later: bool, text: str, new: tuple[str, ...] = (), *, by_row: bool = False) -> Named:
    return Named(None if later else act or ReplyAct.A_LIRE, text, new, by_row)


def _distributed(
    one: Statement,
    about: Sequence[str],
    act: ReplyAct | None,
    wanted: Collection[str],
    renamed: Collection[str] = (),
) -> list[tuple[str, ReplyAct | None]]:
    """Each invoice with its act, in a sentence that may have several of both. `renamed` is what others are now called:
    an invoice that is refused itself is not corrected by being another's new number."""
    others = [number for number in one.unknown if number not in renamed]
    parts = statements.pieces(one, wanted) if len(about) + len(others) > 1 and one.named else ()
    told = _told(parts, renamed)
    several = len({found for _, acts in told for found in acts}) > 1
    # "La 1 est annulée et la 2 contestée": what says something else of its number has no share in the act.
    apart = act is not None and any(lexicon.goes_on(part.text) for part in parts if _silent(part))
    if one.unsure:
        shared: ReplyAct | None = ReplyAct.A_LIRE
    elif several or apart:
        # A number without an act of its own, in a sentence of several: nobody knows which it has.
        plain = {numbers[0]: min(acts) for numbers, acts in told if len(acts) == 1 and len(numbers) == 1}
        return [
            (number, ReplyAct.A_LIRE if number in renamed else plain.get(number, ReplyAct.A_LIRE)) for number in about
        ]
    else:
        shared = act
    return [(number, ReplyAct.A_LIRE if number in renamed and len(about) > 1 else shared) for number in about]


def _silent(part: Statement) -> bool:
    return bool(part.named or part.unknown) and lexicon.act_of(part.text) is None


def _told(parts: Sequence[Statement], renamed: Collection[str]) -> list[tuple[tuple[str, ...], set[ReplyAct]]]:
    """The numbers of each part with its acts; a part without a number goes with the last number before it."""
    told: list[tuple[tuple[str, ...], set[ReplyAct]]] = []
    for part in parts:
        numbers = (*part.named, *(number for number in part.unknown if number not in renamed))
        found = lexicon.act_of(part.text)
        if not told or (numbers and told[-1][0]):
            told.append((numbers, set()))
        elif numbers:
            told[-1] = (numbers, told[-1][1])
        told[-1][1].update([found] if found is not None else [])
    return told


def _everything(
    said: Said, one: Statement, act: ReplyAct | None, later: bool, count: int, wanted: Collection[str]
) -> bool:
    """Does this speak of all refusals, or of the others? Then it is taken."""
    # "Pour les autres, nous regardons" does nothing.
    others = not one.named and act is not None and lexicon.OTHERS.found(one.text)
    if one.row or not (lexicon.ALL.found(one.text) or others or (not one.named and lexicon.counted(one.text) == count)):
        return False
    spared = lexicon.spared(one.text)
    if spared:
        return _all_but(said, one, spared, wanted)
    again = said.everything is not None and said.everything.act is not _named(act, later, one.text).act
    if one.named or (others and not said.invoices) or again or lexicon.NEGATION.found(one.text):
        said.unclear = True
    elif later:
        return not one.named
    else:
        said.everything = said.everything or _named(act, False, one.text)
        return True
    return False


def _all_but(said: Said, one: Statement, spared: tuple[str, str], wanted: Collection[str]) -> bool:
    """ "Toutes sont corrigées sauf la 1, que nous contestons": the head tells the act of all, the tail that of those
    that are spared, which without one stay open. What is not told so plainly is unclear, and does nothing."""
    head, tail = spared
    act, rest = lexicon.act_of(head), statements.of_text(tail, wanted)
    but = frozenset(rest.named)
    again = said.everything is not None and said.everything.act is not act
    plain = act is not None and but == set(one.named) and but and not rest.unknown and not rest.unsure
    if not plain or again or lexicon.NEGATION.found(head) or lexicon.ALL.found(tail):
        said.unclear = True
        said.unknown |= dict.fromkeys(one.unknown)
        return True
    if lexicon.announced(head):
        said.promised = True
    else:
        said.everything, said.but = said.everything or _named(act, False, one.text), said.but | but
    own = lexicon.act_of(tail)
    if own not in (None, ReplyAct.DETAIL):
        for number, part in _distributed(rest, rest.named, own, wanted):
            _add(said.invoices, number, _named(part, lexicon.announced(tail), one.text))
    return True


def _add(held: dict[str, Named], name: str, more: Named) -> None:
    """One act an invoice: of two the one that needs a human most; the words of both."""
    known = held.get(name)
    if known is None:
        held[name] = Named(more.act, more.words[:MAX_WORDS], more.new, more.by_row)
        return
    acts = [act for act in (known.act, more.act) if act is not None]
    words = known.words if more.words in known.words else f"{known.words} {more.words}"[:MAX_WORDS]
    act = min(acts, key=_URGENCY.index, default=None)
    held[name] = Named(act, words, tuple(dict.fromkeys((*known.new, *more.new))), known.by_row and more.by_row)


def _settle_loose(said: Said) -> None:
    """What names nothing is about the one invoice that the mail is about, where there is one."""
    about = [*said.invoices] if not said.patients and said.everything is None else []
    if len(about) == 1:
        for act, words in said.loose:
            _add(said.invoices, about[0], Named(act, words))
        said.loose = []
