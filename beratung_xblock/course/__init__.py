"""The course "Grundlagen zur Teilnahme an Microsoft Teams": sources, builder, checks, import.

Why a builder and not a finished archive: the texts are read by people who know little German and little of
computers, so they change often, after every look over a learner's shoulder. Here an author edits a short XML
file of words (``content/de/L3.1.xml``); everything that repeats is made from it: the frame of each page, the
quick path, the questions, the drawings with their labels, the printable sheets, policies and grading.

The way of a text: ``content`` -> `source.load` (schema, dataclasses) -> `blocks.course_tree` (what a course holds)
-> `olx.package_files` (files of an archive) or `importer.import_course` (blocks in a running platform).
Both ends take the same tree, so Studio's own import and ours give the same course.

``python -m beratung_xblock.course build|check|sheet`` is the command line.
"""
