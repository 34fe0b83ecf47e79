"""Members of the voice ensemble: each looks at one view of a window and gives a logit.

``table.KINDS`` trains them, ``served.open_member`` runs what they exported; the server imports only the latter.
"""
