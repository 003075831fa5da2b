"""Evidence: what submissions show of a household: who saw what, where and when, with photos.

The rule: evidence is derived from raw bytes and can always be derived again; a spot checker does not see another's
evidence of a household before his own has arrived.
"""
