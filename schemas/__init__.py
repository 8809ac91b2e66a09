"""What a row is: frozen records, ids, boxes, Arrow and JSON schemas. Imports nothing of ours."""
