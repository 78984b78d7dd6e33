"""What moves in the control room when nobody touches it: plain code that writes to plain models."""

import asyncio
import math
import random

from models import Logbook, Station

SAMPLES = 120
SENTENCES = (
    "Pressure in the north main is {pressure:.1f} bar and {state}.",
    "The tank stands at {tank:.0f} per cent, the pumps turn at {pump_speed} per cent.",
    "Flow is {flow:.0f} litres a second; the valve is {valve}.",
    "Nothing to report from the river gauge.",
    "Samples were taken at the outlet and are clear.",
)


def step(station: Station, seconds: float, noise: random.Random) -> None:
    """Let `seconds` pass at the station."""
    opening = 1.0 if station.valve_open else 0.15
    wanted = 1.2 + station.pump_speed * 0.085 / (0.4 + 0.6 * opening)
    station.pressure += (wanted - station.pressure) * min(1.0, seconds)
    station.pressure = round(max(0.0, station.pressure + noise.gauss(0, 0.04)), 3)
    station.flow = round(opening * 9.0 * math.sqrt(station.pressure), 1)
    station.tank = round(min(100.0, max(0.0, station.tank + (station.flow - 17.0) * 0.004)), 2)
    station.history.append(station.pressure)
    if len(station.history) > SAMPLES:
        del station.history[0]


async def run_station(station: Station, interval: float = 0.1) -> None:
    """Measure ten times a second."""
    noise = random.Random()
    while True:
        step(station, interval, noise)
        await asyncio.sleep(interval)


async def write_logbook(logbook: Logbook, station: Station, interval: float = 0.12) -> None:
    """Write one entry after another; each word is sent by itself, and nothing else with it."""
    while True:
        sentence = SENTENCES[logbook.entries % len(SENTENCES)].format(
            **station.model_dump(), valve="open" if station.valve_open else "shut"
        )
        for word in sentence.split():
            logbook.text += word + " "
            await asyncio.sleep(interval)
        logbook.text += "\n"
        logbook.entries += 1
        if len(logbook.text) > 1500:
            logbook.text = ""
        await asyncio.sleep(10 * interval)
