"""The URIs that codes, identifiers and extensions are known by."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

# What FHIR has no element for, and whose identifiers have no registered system, goes under this project's own URLs.
PROJECT = "https://webqx.example/fhir"

HL7 = "http://terminology.hl7.org/CodeSystem"
FHIR = "http://hl7.org/fhir/StructureDefinition"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"

CONFIDENTIALITY = f"{HL7}/v3-Confidentiality"
ACT_CODE = f"{HL7}/v3-ActCode"
NULL_FLAVOR = f"{HL7}/v3-NullFlavor"
IDENTIFIER_TYPE = f"{HL7}/v2-0203"
ACT_REASON = f"{HL7}/v3-ActReason"
PARTICIPATION = f"{HL7}/v3-ParticipationType"
ROLE_CODE = f"{HL7}/v3-RoleCode"
CONSENT_SCOPE = f"{HL7}/consentscope"
CONSENT_ACTION = f"{HL7}/consentaction"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
LANGUAGE = "urn:ietf:bcp:47"
LOINC = "http://loinc.org"
RACE_AND_ETHNICITY = "urn:oid:2.16.840.1.113883.6.238"  # CDC's codes, OMB's categories among them
TAXONOMY = "http://nucc.org/provider-taxonomy"
UNITS = "http://unitsofmeasure.org"

NPI = "http://hl7.org/fhir/sid/us-npi"
SSN = "http://hl7.org/fhir/sid/us-ssn"
DEA = "http://terminology.hl7.org/NamingSystem/USDEANumber"
NCPDP = "http://terminology.hl7.org/NamingSystem/NCPDPProviderIdentificationNumber"


def own_extension(name: str) -> str:
    """Return the URL of an extension that is this project's own."""
    return f"{PROJECT}/StructureDefinition/{name}"


def from_r5(element: str) -> str:
    """Return the URL under which HL7 lets an element of FHIR R5, such as Coverage.kind, stand in R4."""
    return f"http://hl7.org/fhir/5.0/StructureDefinition/extension-{element}"


def own_system(*names: str) -> str:
    """Return the URI of a code or identifier system that is this project's own."""
    return "/".join([PROJECT, *(quote(name, safe="") for name in names)])


def of_authority(name: str) -> str:
    """Return the identifier system of whoever gives record numbers, by their URI, OID or name."""
    if name.replace(".", "").isdecimal() and "." in name:
        return f"urn:oid:{name}"
    if urlsplit(name).scheme and not any(character.isspace() for character in name):
        return name
    return own_system("authority", name)
