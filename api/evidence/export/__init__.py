"""Exports: the submissions of a form as tables, places or files to take along, made in the background.

The rule: nobody gets a row that he may not see, nor a file that was made for other eyes; that is why exports live in
evidence, where the one condition on what is visible stands. A file is made in one moment's view of the data, appears
whole or not at all, and is made once as long as nothing in it has changed.
"""
