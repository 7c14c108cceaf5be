"""平台：the one room where the outside world's files become clean drafts.

Three steps, each small: `tables` reads any file into sheets of lines, `columns` finds the header
row and gives its columns their inner names, `drafts` turns lines into typed drafts or into
refusals with a reason in Chinese. Nothing here touches the database or announces anything.
Every byte read here is hostile until shown otherwise.
"""
