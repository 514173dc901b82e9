"""
What people write to a small shop in Colombia, and what it answers.

Plain data for made-up histories and for the scripted day; natural words matter,
because classifiers, searches and dashboards are tried out on them.
"""

from __future__ import annotations

FIRST_NAMES = (
    "María Fernanda",
    "Jorge Iván",
    "Luz Dary",
    "Carlos Andrés",
    "Paola",
    "Hernán",
    "Yulieth",
    "Sebastián",
    "Ana Lucía",
    "Óscar",
    "Camila",
    "Wilson",
    "Diana Marcela",
    "Juan Pablo",
    "Gloria",
    "Mateo",
    "Valentina",
    "Edwin",
    "Liliana",
    "Andrés Felipe",
    "Tatiana",
    "Nelson",
    "Sara",
    "Héctor Fabio",
    "Ximena",
    "Iván Darío",
)

LAST_NAMES = (
    "Rojas",
    "Ospina",
    "Quintero",
    "Mejía",
    "Cárdenas",
    "Morales",
    "Giraldo",
    "Pérez",
    "Restrepo",
    "Londoño",
    "Bermúdez",
    "Ruiz",
    "Arango",
    "Zuluaga",
    "Cano",
    "Salazar",
    "Castaño",
    "Duque",
    "Vélez",
    "Guzmán",
    "Betancur",
    "Ríos",
    "Muñoz",
    "Yepes",
)

GREETINGS = (
    "Buenos días, ¿cómo están?",
    "Hola, buenas tardes 👋",
    "Buenas, ¿hay alguien por ahí?",
    "Holaa",
    "Muy buenos días veci",
    "Qué más, ¿ya abrieron?",
    "Buenas noches, disculpe la hora",
    "Hola! Me pasaron este número en el Instagram",
)

PRICE_QUESTIONS = (
    "¿A cómo tienen la libra de café molido?",
    "¿Qué precio tiene la arroba de café en grano?",
    "¿Cuánto vale la torta de zanahoria?",
    "¿Me regala el precio de las almojábanas por docena?",
    "¿A cómo el desayuno sorpresa?",
    "¿Cuánto sale el domicilio a Laureles?",
    "¿Tienen promoción en el combo de tinto con pandebono?",
    "¿Reciben Nequi o toca efectivo?",
    "¿La bolsa de 500 gramos en cuánto queda?",
)

ORDERS = (
    "Me regala 2 libras de café molido y 6 almojábanas por favor",
    "Quiero pedir una torta de zanahoria para mañana a las 3",
    "Sepáreme media docena de pandebonos, paso a las 5",
    "Por favor 3 bolsas de 500 g, molienda media",
    "Me manda un desayuno sorpresa a la Carrera 70 # 44-21, apto 502",
    "Necesito 20 tintos para una reunión el viernes a las 8 am",
    "Hágame el favor y me envía una arroba en grano a Envigado",
)

#: An order, and what it is edited into.
CORRECTIONS = (
    ("Me separa 2 tortas de zanahoria", "Me separa 3 tortas de zanahoria"),
    ("Paso a las 4 por el pedido", "Paso a las 5 por el pedido"),
    ("Es a nombre de Paula", "Es a nombre de Paola"),
    ("Envíelo a la Calle 33 # 70-12", "Envíelo a la Calle 33 # 70-21"),
)

MISTAKES = (
    "Mor, no olvides comprar el pan",
    "Ay qué pena, ese mensaje no era para ustedes",
    "jajaja mira lo que me dijo",
    "ok amor ya voy",
)

COMPLAINTS = (
    "El pedido llegó frío y faltaban dos pandebonos 😞",
    "Llevo más de una hora esperando el domicilio",
    "La bolsa llegó rota y se regó todo el café",
    "Me cobraron dos veces, por favor me ayudan a revisar",
    "Pedí molienda gruesa y me mandaron fina",
    "Nadie contesta el teléfono, qué mala atención",
)

THANKS = (
    "Listo, muchas gracias 🙏",
    "Perfecto, quedo pendiente",
    "Dale, muchas gracias veci",
    "Súper, ya les hago la transferencia",
    "Bueno señora, que esté muy bien",
    "Gracias! Todo delicioso como siempre ☕",
)

FOLLOW_UPS = (
    "¿Y eso en cuánto tiempo llega?",
    "¿Me lo pueden dejar en portería?",
    "¿Aceptan tarjeta en la casa?",
    "Ok, entonces mejor dos",
    "¿Tienen sin azúcar?",
    "¿El domingo abren?",
)

OPT_OUT = "BAJA"

GROUP_NAME = "Pedidos Edificio Los Pinos"

GROUP_TALK = (
    "Veci, ¿quién pidió pandebono hoy?",
    "Yo me apunto con media docena",
    "¿Hacemos pedido conjunto para el edificio?",
    "Acuérdense que hay que recoger antes de las 6",
    "Yo bajo por lo de todos",
    "Listo, anoten al 301 también",
)

CAPTIONS = (
    "Así llegó el pedido",
    "¿Tienen de este mismo?",
    "Miren qué bonita quedó la mesa 😍",
    "Este es el comprobante de pago",
)

REACTIONS = ("👍", "❤️", "🙏", "😂", "😮")

SHOP_TEXTS = (
    "Buenos días, con mucho gusto ☕",
    "La libra molida está en $24.000 y la bolsa de 500 g en $26.500",
    "El domicilio en Laureles y La América es gratis por compras mayores a $50.000",
    "Claro que sí, recibimos Nequi, Bancolombia y efectivo",
    "Su pedido sale en 30 minutos",
    "Qué pena con usted, ya mismo lo revisamos",
    "Le separamos su torta para mañana a las 3 pm",
    "Muchas gracias por su compra 🙏",
    "Hoy tenemos tinto con pandebono a $6.000",
    "Listo, queda anotado a nombre suyo",
)

CUSTOMER_TEXTS = (*GREETINGS, *PRICE_QUESTIONS, *ORDERS, *COMPLAINTS, *THANKS, *FOLLOW_UPS)
