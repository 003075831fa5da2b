"""Review: whether what a phone sent is accepted, goes back to who sent it, or is rejected, by whom and why.

What is reviewed is a submission, the thing a surveyor can mend and send again; its pieces of evidence share its
state. Without a row it was received and nobody has looked at it. Nobody reviews his own.
"""
