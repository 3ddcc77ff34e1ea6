"""CORE: what is said to a PS and to a gestionnaire, and how it looks. Values in, frozen bytes out.

`bordereau.py`, `rapport.py`, `relance.py`, `receipt.py`, `answer.py`, `inscription.py`, `etat.py`, `avis.py`,
`digest.py`                         the letters: compose(…) -> model.Draft
`inscription_parts.py`, `inscription_steps.py`, `questions.py`
                                    what steps of a registration and answers to questions are made of
`postal.py`                         the letter on paper, with its code
`lignes.py`, `page.py`              what a bordereau is made of; what of it is shown, and masked
`synthese.py`                       lots and three months in numbers
`reponses.py`, `consignes.py`       the words of the admin: answer texts, dictionary
`render.py`, `sandbox.py`           templates, compiled once and filled in a closed room
`lint/`, `trial.py`, `verdict.py`   what can be said against a template, before and while samples are written with it
`choice.py`                         which version of a template is in use: the admin's, its last good, the shipped
`words.py`, `text_layout.py`, `echo.py`
                                    French, typography, masks, wrapping
`mime.py`, `pdf.py`, `tableau.py`, `trame.py`
                                    bytes: the mail, its PDF copy, its CSV table, the gestionnaire's workbook
`pdf_text.py`, `pdf_form.py`        what stands on the PDF: lines of text, and the form to answer with
`pdf_tags.py`                       what is a heading, a paragraph, a list on it
`pdf_lock.py`                       the same PDF behind a phrase
`samples.py`, `samples_register.py`
                                    invented rows on which all of it is tried before it counts
"""
