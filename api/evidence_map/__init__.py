"""The map: where evidence lies, what is doubtful of it, and what became of it; tiles, the page and OGC.

It owns no tables and only reads, always behind the rule of what the reader may see. One `Selection`, written in the
address, says what is wanted; tiles, lists, exports and OGC all ask by it, so that they cannot disagree.
"""
