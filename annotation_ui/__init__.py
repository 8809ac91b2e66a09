"""Label Studio: labelling configs, rows to tasks, results to verdicts. Talks to no database.

What is here: cluster sheets as task files (`sheets`), their labelling configs (`configs/`),
exported results to verdicts or to a reason why not (`answers`, `results`), the append-only log
(`verdict_log`), the guide for annotators (GUIDELINES.md), and files in, files out on the command
line (`python -m annotation_ui`).

What is not: a client of the server (tasks and results are carried by hand, through Label
Studio's own import and export), the writing of crop pictures, sheets for pairs and for pages,
the second step for a mixed sheet, and agreement between annotators. The configs have not been
opened in a browser with their fourth answer; see configs/cluster_sheet.xml.
"""
