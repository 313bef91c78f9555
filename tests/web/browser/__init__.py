"""Tests of the page in a real Chromium, over a real service."""
