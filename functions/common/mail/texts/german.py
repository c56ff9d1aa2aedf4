"""The texts in German."""

from __future__ import annotations

from .shared import PageTexts, RecipientTexts

GERMAN = RecipientTexts(
    view_in_browser="Im Browser ansehen",
    unsubscribe="Abmelden",
    message_pages={
        "ask": PageTexts(
            "Abmelden?", "Sie bekommen unter dieser Adresse keine Nachrichten dieser Art mehr.", "Ja, abmelden"
        ),
        "choose": PageTexts(
            "Was möchten Sie bekommen?",
            "Entfernen Sie das Häkchen bei dem, was Sie unter dieser Adresse nicht möchten.",
            "Auswahl speichern",
            "Gar nichts: von allem abmelden",
        ),
        "saved": PageTexts(
            "Ihre Auswahl ist gespeichert",
            "Sie gilt auch für Nachrichten, die noch warten. Sie können diese Seite schließen.",
        ),
        "done": PageTexts(
            "Sie sind abgemeldet", "Sie bekommen keine Nachrichten dieser Art mehr. Sie können diese Seite schließen."
        ),
        "gone": PageTexts(
            "Diese Nachricht gibt es nicht mehr",
            "Ihr Text wird nicht mehr aufbewahrt. Sie können diese Seite schließen.",
        ),
        "unknown": PageTexts(
            "Dieser Link funktioniert nicht",
            "Öffnen Sie ihn noch einmal aus der Nachricht, oder antworten Sie auf die Nachricht und sagen Sie es uns.",
        ),
    },
    form_pages={
        "ask": PageTexts(
            "Möchten Sie unsere Nachrichten?",
            "Drücken Sie den Knopf, und wir schreiben an dieses Postfach. Sonst geschieht nichts.",
            "Ja, ich möchte sie",
        ),
        "done": PageTexts("Danke", "Ab jetzt bekommen Sie unsere Nachrichten. In jeder ist ein Link zum Abmelden."),
        "used": PageTexts("Das ist schon bestätigt", "Es ändert sich nichts. Sie können diese Seite schließen."),
        "gone": PageTexts(
            "Dieser Link funktioniert nicht",
            "Ein Link gilt einen Tag. Füllen Sie das Formular noch einmal aus, um einen neuen zu bekommen.",
        ),
        "sent": PageTexts("Danke", ""),
        "wrong": PageTexts(
            "Etwas fehlt", "Gehen Sie zurück und prüfen Sie die E-Mail-Adresse, die Sie geschrieben haben."
        ),
    },
)
