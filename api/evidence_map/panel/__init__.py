"""What stands beside the map: one piece of evidence, the story of a household, a list of pieces, and search.

Parts of pages made by the server; opened by themselves they are whole pages. All of it behind `visible_evidence`.
"""
