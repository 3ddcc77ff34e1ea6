"""What the command-line library says, in French: headings of the help, wrong calls, names of what is expected.

click asks gettext for each of its sentences; `teach` answers in the place of gettext, without catalogues on disk. A
sentence that is not here stays as click has it: a test holds this table against the sentences of the click in use.
"""

from __future__ import annotations

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

_SENTENCES = {
    "(dynamic)": "(selon le moment)",
    "Aborted!": "interrompu",
    "required": "obligatoire",
    "Argument {name!r} takes {nargs} values.": "{name} prend {nargs} valeurs",
    "Choice({choices})": "choix ({choices})",
    "Choose from:\n\t{choices}": "au choix :\n\t{choices}",
    "Commands": "Commandes",
    "Confirm the action without prompting.": "Ne demande pas confirmation.",
    "Could not open file {filename!r}: {message}": "le fichier « {filename} » ne s’ouvre pas : {message}",
    "Do you want to continue?": "Continuer ?",
    "Error: The two entered values do not match.": "les deux saisies diffèrent",
    "Error: invalid input": "saisie inattendue (o ou n)",
    "Error: {message}": "{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} : {message}",
    "Invalid value: {message}": "{message}",
    "Missing argument": "il manque l’argument",
    "Missing command.": "il manque une commande",
    "Missing option": "il manque l’option",
    "Missing parameter": "il manque le paramètre",
    "Missing parameter: {param_name}": "il manque {param_name}",
    "Missing {param_type}": "il manque {param_type}",
    "No such command {name!r}.": "commande inconnue « {name} »",
    "No such option {name!r}.": "option inconnue « {name} »",
    "Option {name!r} does not take a value.": "{name} ne prend pas de valeur",
    "Options": "Options",
    "Positional arguments": "Arguments",
    "Press any key to continue...": "Une touche pour continuer…",
    "Repeat for confirmation": "Encore une fois, pour confirmer",
    "Show the version and exit.": "Affiche la version.",
    "Show this message and exit.": "Affiche cette aide.",
    "Try '{command} {option}' for help.": "« {command} {option} » dit l’usage.",
    "Usage:": "Usage :",
    "default: {default}": "sinon {default}",
    "deprecated": "ancien",
    "directory": "dossier",
    "env var: {var}": "variable {var}",
    "file": "fichier",
    "path": "chemin",
    "unknown error": "erreur inconnue",
    "{name} {filename!r} does not exist.": "{name} « {filename} » absent",
    "{name} {filename!r} is a directory.": "« {filename} » est un dossier",
    "{name} {filename!r} is a file.": "« {filename} » est un fichier",
    "{name} {filename!r} is not executable.": "{name} « {filename} » ne s’exécute pas",
    "{name} {filename!r} is not readable.": "{name} « {filename} » ne se lit pas",
    "{name} {filename!r} is not writable.": "{name} « {filename} » ne s’écrit pas",
    "{value!r} is not a valid boolean. Recognized values: {states}": "« {value} » n’est ni oui ni non ({states})",
    "{value!r} is not a valid {number_type}.": "« {value} » n’est pas un nombre",
    "{value} is not in the range {range}.": "{value} n’est pas permis ({range})",
}

_COUNTED = {
    "(Did you mean one of: {possibilities}?)": "l’une de : {possibilities} ?",
    "Did you mean {possibility}?": "vouliez-vous dire {possibility} ?",
    "Got unexpected extra argument ({args})": "en trop : {args} — « --help » dit l’usage",
    "Got unexpected extra arguments ({args})": "en trop : {args} — « --help » dit l’usage",
    "Option {name!r} requires an argument.": "il manque la valeur de {name}",
    "Option {name!r} requires {nargs} arguments.": "{name} prend {nargs} valeurs",
    "Takes {nargs} values but 1 was given.": "{nargs} valeurs sont attendues, 1 est donnée",
    "Takes {nargs} values but {len} were given.": "{nargs} valeurs sont attendues, {len} sont données",
    "{len_type} values are required, but {len_value} was given.": "{len_type} valeurs sont attendues, pas {len_value}",
    "{len_type} values are required, but {len_value} were given.": "{len_type} valeurs sont attendues, pas {len_value}",
    "{value!r} does not match the format {format}.": "« {value} » n’a pas la forme {format}",
    "{value!r} does not match the formats {formats}.": "« {value} » n’a aucune des formes {formats}",
    "{value!r} is not one of {choices}.": "« {value} » inconnu ; au choix : {choices}",
    "{value!r} is not {choice}.": "« {value} » inconnu ; seul choix : {choice}",
}

#: What stands for a value in the help, by the type that click knows it under.
_VALUES = {
    "text": "TEXTE",
    "integer": "NOMBRE",
    "integer range": "NOMBRE",
    "path": "CHEMIN",
    "file": "FICHIER",
    "directory": "DOSSIER",
}
#: The same for arguments, by their name in our code.
_ARGUMENTS = {
    "number": "NUMÉRO",
    "directory": "DOSSIER",
    "target": "FICHIER",
    "source": "FICHIER",
    "numero_ps": "PS",
    "reference": "REF",
}


def sentence(text: str) -> str:
    return _SENTENCES.get(text, text)


def counted(one: str, many: str, count: int) -> str:
    """French counts from two."""
    text = one if abs(count) < 2 else many
    return _COUNTED.get(text, text)


def teach() -> None:
    """From now on click speaks French. Its modules keep gettext under two names of their own."""
    ours = {"_": sentence, "ngettext": counted}
    for module in (core, decorators, exceptions, formatting, parser, termui, types):
        for name in ours.keys() & vars(module).keys():
            setattr(module, name, ours[name])


def dressed(command: click.Command) -> click.Command:
    """The command and what is under it with French names for values, and every verb of a group shown whole."""
    for param in command.params:
        if param.metavar is None and isinstance(param, click.Argument):
            param.metavar = _optional(param, _ARGUMENTS.get(param.name or ""))
        elif param.metavar is None and isinstance(param, click.Option) and not (param.is_flag or param.count):
            param.metavar = _VALUES.get(param.type.name)
    if isinstance(command, click.Group):
        command.subcommand_metavar = "COMMANDE [ARGUMENTS]…"
        for inner in command.commands.values():
            inner.short_help = inner.get_short_help_str(limit=150)
            dressed(inner)
    return command


def _optional(param: click.Argument, name: str | None) -> str | None:
    return name if name is None or param.required else f"[{name}]"
