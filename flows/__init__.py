"""Prefect: when and where the stages run. The only room that imports prefect."""
