"""Planning a spot check: what is asked becomes a plan that keeps every floor, seen before anything is promised.

A frame is frozen and shown, options are read (`options`), made into a plan (`make`) and looked at (`preview`): what it
will tell, and what it costs in days and kilometres. Two sets of options stand side by side; the designs that nobody
can recompute are shown for study alone (`study`). A city's sub-round within what a county has drawn begins in
`subround`.
"""
