"""Toy events in the form of CMS NanoAOD: right types and plausible shapes, no physics result."""
