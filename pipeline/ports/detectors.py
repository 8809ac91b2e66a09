"""How each detector is opened: small values that travel to a worker process and load there."""

from __future__ import annotations

import atexit
from dataclasses import dataclass

from pipeline.ports.protocols import Detector
from pipeline.synthetic.spec import SeriesSpec


@dataclass(frozen=True)
class ClassicalSpec:
    """Contours, RapidOCR and animeface. An empty `faces_python` leaves faces out."""

    faces_python: str = ""
    threads: int = 1

    def __call__(self) -> Detector:
        """Raises MissingPart if the face environment is there but cannot see the known face."""
        from pipeline.ports.classical.detector import ClassicalDetector
        from pipeline.ports.classical.faces import AnimeFaceWorker
        from pipeline.ports.classical.lines import RapidOcrReader
        from pipeline.synthetic.known_face import known_face

        faces = AnimeFaceWorker(self.faces_python, known_face) if self.faces_python else None
        if faces is not None:
            atexit.register(faces.close)  # a detector lives as long as its process
        return ClassicalDetector(RapidOcrReader(threads=self.threads), faces)


@dataclass(frozen=True)
class OracleSpec:
    """Reads the truth of a drawn series instead of its pixels: the upper end of every measure."""

    drawn: SeriesSpec

    def __call__(self) -> Detector:
        """Needs nothing beside the spec."""
        from pipeline.ports.drawn import DrawnSource
        from pipeline.synthetic.backends import OracleDetector

        return OracleDetector(DrawnSource(self.drawn, page_cap=10**9).truth)


@dataclass(frozen=True)
class RandomSpec:
    """Boxes by lot: the lower end of every measure."""

    seed: int = 0

    def __call__(self) -> Detector:
        """Needs nothing."""
        from pipeline.synthetic.backends import RandomDetector

        return RandomDetector(self.seed)
