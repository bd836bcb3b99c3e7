"""A patient's chart as FHIR R4: one module for each part of it, pure functions from a row to a resource.

`bundle.py` reads the rows and puts the resources together, `validation.py` checks each, `export.py` writes them.
"""
