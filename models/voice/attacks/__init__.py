"""Altered and synthetic voices for training and evaluation. Never imported by the server."""

from models.voice.attacks.kinds import Altered, Attack, Samples, Text, ToolMissing
from models.voice.attacks.table import ATTACKS, FAMILIES, alter, say

__all__ = ["ATTACKS", "FAMILIES", "Altered", "Attack", "Samples", "Text", "ToolMissing", "alter", "say"]
