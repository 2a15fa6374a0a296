"""The sites of the pretend organisation and who works there: plain facts that the world is built from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteFacts:
    """One site: where it is, its zone, its block of direct numbers and its share of the people."""

    name: str
    country: str
    zone: str
    city: str
    state: str
    address: str
    postal_code: str
    latitude: str
    longitude: str
    language: str
    number_block: str
    share: float
    gateway: str
    neighbours: tuple[tuple[str, float], ...]


_FROM_COLOMBIA = (
    ("US", 30), ("CR", 18), ("GT", 14), ("SV", 10), ("MX", 8), ("PA", 6), ("EC", 5), ("ES", 4), ("PE", 3),
    ("VE", 3), ("CL", 2), ("BR", 2), ("DE", 1),
)  # fmt: skip
_FROM_COSTA_RICA = (
    ("CO", 24), ("US", 24), ("GT", 16), ("SV", 10), ("NI", 10), ("PA", 8), ("MX", 5), ("ES", 2), ("IT", 1),
)  # fmt: skip
_FROM_GUATEMALA = (("SV", 24), ("CR", 18), ("US", 20), ("CO", 14), ("MX", 12), ("HN", 10), ("ES", 1), ("TH", 1))
_FROM_EL_SALVADOR = (("GT", 24), ("US", 26), ("CR", 16), ("CO", 14), ("HN", 12), ("MX", 6), ("CA", 2))
_FROM_USA = (("CO", 26), ("MX", 20), ("CR", 16), ("GT", 12), ("SV", 12), ("CA", 8), ("DO", 3), ("GB", 2), ("IN", 1))

SITES: tuple[SiteFacts, ...] = (
    SiteFacts(
        "Bogotá", "CO", "America/Bogota", "Bogotá", "Cundinamarca", "Carrera 7 # 71-00", "110231",
        "4.6533", "-74.0553", "es_co", "+57601555", 0.28, "LGW-BOG", _FROM_COLOMBIA,
    ),
    SiteFacts(
        "Medellín", "CO", "America/Bogota", "Medellín", "Antioquia", "Calle 10 # 43-00", "050021",
        "6.2088", "-75.5679", "es_co", "+57604555", 0.16, "LGW-MDE", _FROM_COLOMBIA,
    ),
    SiteFacts(
        "San José", "CR", "America/Costa_Rica", "San José", "San José", "Avenida Escazú 100", "10203",
        "9.9281", "-84.0907", "es_cr", "+5062255", 0.17, "LGW-SJO", _FROM_COSTA_RICA,
    ),
    SiteFacts(
        "Ciudad de Guatemala", "GT", "America/Guatemala", "Guatemala", "Guatemala", "Diagonal 6 10-00 Zona 10", "01010",
        "14.6349", "-90.5069", "es_gt", "+5022255", 0.13, "LGW-GUA", _FROM_GUATEMALA,
    ),
    SiteFacts(
        "San Salvador", "SV", "America/El_Salvador", "San Salvador", "San Salvador", "Paseo Escalón 300", "1101",
        "13.6929", "-89.2182", "es_sv", "+5032255", 0.10, "LGW-SAL", _FROM_EL_SALVADOR,
    ),
    SiteFacts(
        "Denver", "US", "America/Denver", "Denver", "CO", "1600 Blake St", "80202",
        "39.7392", "-104.9903", "en_us", "+1303555", 0.09, "", _FROM_USA,
    ),
    SiteFacts(
        "Phoenix", "US", "America/Phoenix", "Phoenix", "AZ", "200 N Central Ave", "85004",
        "33.4484", "-112.0740", "en_us", "+1602555", 0.07, "", _FROM_USA,
    ),
)  # fmt: skip
"""Colombian and Central American sites reach the public network over their own gateways, the USA over a plan."""


@dataclass(frozen=True)
class DepartmentFacts:
    """How a department uses the telephone on a working day; counts are calls a person, lengths in seconds."""

    name: str
    share: float
    external: float
    internal: float
    inbound: float
    talk: float
    fresh: float
    foreign: float
    weekend: float
    hours: str
    international: bool


DEPARTMENTS: tuple[DepartmentFacts, ...] = (
    DepartmentFacts("Sales", 0.20, 11.0, 4.0, 4.0, 170, 0.35, 0.10, 0.05, "office", True),
    DepartmentFacts("Customer Support", 0.26, 2.5, 3.0, 0.6, 140, 0.40, 0.02, 0.35, "support", False),
    DepartmentFacts("Collections", 0.07, 24.0, 2.0, 1.5, 75, 0.55, 0.0, 0.12, "support", False),
    DepartmentFacts("Finance", 0.13, 4.0, 5.0, 2.0, 200, 0.10, 0.08, 0.01, "office", True),
    DepartmentFacts("Management", 0.08, 6.0, 6.0, 4.0, 320, 0.08, 0.22, 0.08, "long", True),
    DepartmentFacts("Warehouse", 0.14, 3.0, 4.5, 1.5, 80, 0.10, 0.01, 0.25, "warehouse", False),
    DepartmentFacts("Information Technology", 0.07, 3.0, 6.0, 1.5, 260, 0.15, 0.12, 0.06, "long", True),
    DepartmentFacts("Human Resources", 0.05, 5.0, 5.0, 2.5, 210, 0.30, 0.03, 0.01, "office", False),
)

HOURS: dict[str, tuple[float, ...]] = {
    "office": (0, 0, 0, 0, 0, 0, 0.02, 0.2, 1.3, 2.4, 2.7, 2.3, 1.0, 0.8, 2.2, 2.5, 2.2, 1.2, 0.3, 0.06, 0.02, 0, 0, 0),
    "support": (0, 0, 0, 0, 0, 0, 0.1, 1.0, 2.0, 2.4, 2.4, 2.2, 1.7, 1.7, 2.1, 2.3, 2.1, 1.7, 1.1, 0.6, 0.1, 0, 0, 0),
    "long": (0, 0, 0, 0, 0, 0, 0.2, 0.7, 1.5, 2.1, 2.3, 2.0, 1.3, 1.2, 2.0, 2.2, 2.0, 1.5, 0.8, 0.5, 0.3, 0.1, 0, 0),
    "warehouse": (0, 0, 0, 0, 0.1, 0.6, 1.8, 2.4, 2.4, 2.0, 1.9, 1.7, 1.0, 1.4, 1.8, 1.5, 1.0, 0.5, 0.1, 0, 0, 0, 0, 0),
    "night": (2.2, 2.0, 1.8, 1.6, 1.7, 1.9, 0.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.8, 2.0, 2.4),
    "public": (
        0.04, 0.02, 0.02, 0.02, 0.03, 0.1, 0.4, 1.2, 2.2, 2.6, 2.6, 2.3,
        1.7, 1.5, 2.0, 2.3, 2.1, 1.6, 0.9, 0.6, 0.4, 0.2, 0.1, 0.06,
    ),
}  # fmt: skip
"""Weight of each local hour in a day's calls, by the kind of working day; ``public`` is callers from outside."""

FIRST_NAMES = (
    "Ana", "Andrés", "Camila", "Carlos", "Carolina", "Daniela", "David", "Diana", "Diego", "Eduardo", "Esteban",
    "Fernanda", "Francisco", "Gabriela", "Gloria", "Héctor", "Ignacio", "Isabel", "Javier", "Jorge", "José", "Juan",
    "Juliana", "Karla", "Laura", "Lorena", "Lucía", "Luis", "Manuel", "Marcela", "Mariana", "Mario", "Mateo", "Mónica",
    "Natalia", "Nicolás", "Óscar", "Paola", "Patricia", "Pedro", "Ricardo", "Rosa", "Santiago", "Sara", "Sebastián",
    "Silvia", "Sofía", "Valentina", "Víctor", "Ximena",
)  # fmt: skip
LAST_NAMES = (
    "Acosta", "Aguilar", "Álvarez", "Arias", "Barrios", "Bermúdez", "Cabrera", "Calderón", "Castillo", "Chacón",
    "Córdoba", "Cruz", "Delgado", "Duarte", "Echeverri", "Escobar", "Estrada", "Flores", "Fuentes", "García", "Gómez",
    "González", "Guzmán", "Hernández", "Jiménez", "León", "López", "Marín", "Martínez", "Mejía", "Mendoza", "Molina",
    "Mora", "Moreno", "Muñoz", "Navarro", "Ortiz", "Ospina", "Palacios", "Pineda", "Quesada", "Ramírez", "Restrepo",
    "Ríos", "Rojas", "Salazar", "Solano", "Torres", "Vargas", "Zapata",
)  # fmt: skip
US_FIRST_NAMES = (
    "Amy", "Brian", "Carla", "Chris", "Dana", "Emily", "Eric", "Grace", "Hannah", "Ian", "Jason", "Karen", "Kevin",
    "Laura", "Mark", "Megan", "Nathan", "Olivia", "Paul", "Rachel", "Scott", "Tara", "Tyler", "Wendy",
)  # fmt: skip
US_LAST_NAMES = (
    "Allen", "Baker", "Bennett", "Brooks", "Carter", "Collins", "Cooper", "Diaz", "Evans", "Foster", "Gray", "Harris",
    "Hughes", "Jenkins", "Kelly", "Lewis", "Morgan", "Nelson", "Parker", "Reed", "Rivera", "Sanchez", "Turner", "Ward",
)  # fmt: skip
