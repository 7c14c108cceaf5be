"""The live desk: what happens is told to every open desk that may know it, within the second.

``wire`` hears the database, ``facts`` asks it once for what all desks need, ``hub`` decides in memory
whom it concerns (``audience``) and keeps the last of it for who was away, ``front`` holds the streams,
``door`` says who stands at them. ``presence`` keeps who has which case open.
"""
