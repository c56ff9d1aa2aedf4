"""The texts in Portuguese."""

from __future__ import annotations

from .shared import PageTexts, RecipientTexts

PORTUGUESE = RecipientTexts(
    view_in_browser="Ver no navegador",
    unsubscribe="Cancelar inscrição",
    message_pages={
        "ask": PageTexts(
            "Cancelar a inscrição?", "Você não receberá mais mensagens deste tipo neste endereço.", "Sim, cancelar"
        ),
        "choose": PageTexts(
            "O que você quer receber?",
            "Desmarque o que não quer receber neste endereço.",
            "Salvar minha escolha",
            "Nada: cancelar tudo",
        ),
        "saved": PageTexts(
            "Sua escolha foi salva",
            "Ela também vale para as mensagens que aguardam envio. Você pode fechar esta página.",
        ),
        "done": PageTexts(
            "Sua inscrição foi cancelada", "Você não receberá mais mensagens deste tipo. Você pode fechar esta página."
        ),
        "gone": PageTexts(
            "Esta mensagem não existe mais", "O texto dela não é mais guardado. Você pode fechar esta página."
        ),
        "unknown": PageTexts(
            "Este link não funciona", "Abra-o de novo a partir da mensagem, ou responda à mensagem e nos avise."
        ),
    },
    form_pages={
        "ask": PageTexts(
            "Você quer receber nossas mensagens?",
            "Aperte o botão e escreveremos para esta caixa de entrada. Caso contrário, nada acontece.",
            "Sim, quero receber",
        ),
        "done": PageTexts(
            "Agradecemos",
            "A partir de agora você recebe nossas mensagens. Cada uma tem um link para cancelar a inscrição.",
        ),
        "used": PageTexts("Isto já está confirmado", "Nada muda. Você pode fechar esta página."),
        "gone": PageTexts(
            "Este link não funciona", "Um link funciona por um dia. Preencha o formulário de novo para receber outro."
        ),
        "sent": PageTexts("Agradecemos", ""),
        "wrong": PageTexts("Falta alguma coisa", "Volte e confira o endereço de e-mail que você escreveu."),
    },
)
