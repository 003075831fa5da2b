"""A county's own forms: uploaded, compiled apart, looked over, tried on phones as a draft, published, frozen.

The rule: a draft never touches evidence. What phones send to it lies apart and goes with it; what is published never
changes again, and older versions stay accepted.
"""
