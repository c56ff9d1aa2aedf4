"""The texts in French."""

from __future__ import annotations

from .shared import PageTexts, RecipientTexts

FRENCH = RecipientTexts(
    view_in_browser="Voir dans le navigateur",
    unsubscribe="Se désabonner",
    message_pages={
        "ask": PageTexts(
            "Se désabonner ?", "Vous ne recevrez plus de messages de ce type à cette adresse.", "Oui, me désabonner"
        ),
        "choose": PageTexts(
            "Que voulez-vous recevoir ?",
            "Décochez ce que vous ne voulez pas recevoir à cette adresse.",
            "Enregistrer mon choix",
            "Rien du tout : me désabonner de tout",
        ),
        "saved": PageTexts(
            "Votre choix est enregistré", "Il vaut aussi pour les messages en attente. Vous pouvez fermer cette page."
        ),
        "done": PageTexts(
            "Votre désabonnement est enregistré",
            "Vous ne recevrez plus de messages de ce type. Vous pouvez fermer cette page.",
        ),
        "gone": PageTexts("Ce message n’existe plus", "Son texte n’est plus conservé. Vous pouvez fermer cette page."),
        "unknown": PageTexts(
            "Ce lien ne fonctionne pas",
            "Ouvrez-le à nouveau depuis le message, ou répondez au message pour nous le dire.",
        ),
    },
    form_pages={
        "ask": PageTexts(
            "Voulez-vous recevoir nos messages ?",
            "Appuyez sur le bouton, et nous écrirons à cette boîte. Sinon, rien ne se passe.",
            "Oui, je les veux",
        ),
        "done": PageTexts("Merci", "Vous recevez désormais nos messages. Chacun contient un lien pour se désabonner."),
        "used": PageTexts("C’est déjà confirmé", "Rien ne change. Vous pouvez fermer cette page."),
        "gone": PageTexts(
            "Ce lien ne fonctionne pas",
            "Un lien fonctionne pendant un jour. Remplissez à nouveau le formulaire pour en recevoir un autre.",
        ),
        "sent": PageTexts("Merci", ""),
        "wrong": PageTexts(
            "Il manque quelque chose", "Revenez en arrière et vérifiez l’adresse e-mail que vous avez écrite."
        ),
    },
)
