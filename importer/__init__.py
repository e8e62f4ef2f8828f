"""Bulk import of legacy lists of people into the CRM behind Vorel."""

from __future__ import annotations
