"""What is known of households from anyone.

Divisions, the roll, members, officials and their declared relatives, department records. The rule: a roll is taken
in whole or not at all; identity numbers, cards and phones are kept encrypted and shown masked.
"""
