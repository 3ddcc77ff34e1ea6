"""CORE: what is said to a PS and to a gestionnaire, and how it looks. Values in, frozen bytes out.

`bordereau.py`, `receipt.py`, `answer.py`, `inscription.py`, `etat.py`   the letters: compose(…) -> model.Draft
`inscription_parts.py`, `inscription_steps.py`, `questions.py`   what the last two are made of, and their words
`postal.py`                         the letter on paper, with its code
`lignes.py`, `page.py`              what a bordereau is made of; what of it is shown, and masked
`reponses.py`, `consignes.py`       the words of the admin: answer texts, dictionary
`render.py`                         templates, compiled once; `sandbox.py` and `lint.py` keep them closed and correct
`words.py`, `text_layout.py`, `echo.py`   French, typography, masks, wrapping
`mime.py`, `pdf.py`, `trame.py`     bytes: the mail, its PDF copy, the gestionnaire's workbook
`pdf_text.py`, `pdf_form.py`        what stands on the PDF: lines of text, and the form to answer with
`samples.py`, `samples_register.py` invented rows on which all of it is tried before it counts
"""
