"""The texts in Spanish."""

from __future__ import annotations

from .shared import PageTexts, RecipientTexts

SPANISH = RecipientTexts(
    view_in_browser="Ver en el navegador",
    unsubscribe="Darse de baja",
    message_pages={
        "ask": PageTexts(
            "¿Darse de baja?", "No recibirá más mensajes de este tipo en esta dirección.", "Sí, darme de baja"
        ),
        "choose": PageTexts(
            "¿Qué quiere recibir?",
            "Desmarque lo que no quiera recibir en esta dirección.",
            "Guardar mi elección",
            "Nada en absoluto: darme de baja de todo",
        ),
        "saved": PageTexts(
            "Su elección está guardada", "También vale para los mensajes pendientes de envío. Puede cerrar esta página."
        ),
        "done": PageTexts("Se ha dado de baja", "No recibirá más mensajes de este tipo. Puede cerrar esta página."),
        "gone": PageTexts("Este mensaje ya no existe", "Su texto ya no se conserva. Puede cerrar esta página."),
        "unknown": PageTexts(
            "Este enlace no funciona", "Ábralo de nuevo desde el mensaje, o responda al mensaje y díganoslo."
        ),
    },
    form_pages={
        "ask": PageTexts(
            "¿Quiere recibir nuestros mensajes?",
            "Pulse el botón y escribiremos a este buzón. Si no, no pasará nada.",
            "Sí, los quiero",
        ),
        "done": PageTexts(
            "Gracias", "Desde ahora recibirá nuestros mensajes. Cada uno tiene un enlace para darse de baja."
        ),
        "used": PageTexts("Esto ya está confirmado", "No cambia nada. Puede cerrar esta página."),
        "gone": PageTexts(
            "Este enlace no funciona",
            "Un enlace funciona durante un día. Rellene otra vez el formulario para recibir otro.",
        ),
        "sent": PageTexts("Gracias", ""),
        "wrong": PageTexts("Falta algo", "Vuelva atrás y compruebe la dirección de correo que ha escrito."),
    },
)
