"""Take in a roll from a file: receive, read, judge, stage, swap in whole or not at all.

The rule: while it is judged nobody sees it, and the roll changes in one short transaction or not at all.
"""
