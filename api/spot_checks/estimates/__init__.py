"""What the checks say about the whole roll: how many households are wrong and how much money, each as a range.

A part that was visited too little gets no number but the reason; every number names how it was made, from how many
visits, for how many households. Nothing here changes anything: it only reads the frozen frame, the draw and the visits.
"""
