"""JSON Schemas of the YAML files, so that an editor completes and checks while an admin writes.

They are made from the same models that read the files. `python -m mailbot.configuration.schemas FOLDER` writes them
(`make schemas`); a test holds the shipped ones against the models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from mailbot.configuration.settings import Settings
from mailbot.rules.documents import MotifsFile, ReglesFile, SpecialitesFile

MODELS: dict[str, type[BaseModel]] = {
    "mailbot": Settings,
    "motifs": MotifsFile,
    "regles": ReglesFile,
    "specialites": SpecialitesFile,
}


def texts() -> dict[str, str]:
    """File name -> JSON Schema of one YAML file."""
    return {
        f"{name}.schema.json": json.dumps(model.model_json_schema(), ensure_ascii=False, indent=1) + "\n"
        for name, model in MODELS.items()
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
