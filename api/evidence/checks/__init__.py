"""Field checks: named rules that say in words and numbers why a piece of evidence deserves a second look.

The rule: a check never decides anything. It says what it saw, what that can mean and what else it can mean; a person
judges. Checks are made again whenever evidence or thresholds change, and hold nothing that cannot be made again.
"""
