"""Everyday words of German and Spanish, as `vocabulary_english.py` has them: no price, proof, person or thing sold.

Base forms and stems; the endings below may follow. Words that deny or give are few: they need nothing else to promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from common.guard.folding import word_set

GERMAN = """
    der die das den dem des ein eine einen einem einer eines kein und oder aber denn doch sondern weil wenn als wie so dass ob damit
    ich mich mir du dich dir er ihn ihm sie ihr ihnen es wir uns euch man sich selbst mein dein sein unser euer dieser diese dieses
    diesen diesem jener welche welcher welches wer was wen wem wo wohin woher wann warum wieso
    in im ins an am ans auf aus bei beim mit nach seit von vom zu zum zur durch fur gegen ohne um uber unter vor hinter neben zwischen
    bin bist ist sind seid war waren gewesen werden wird worden hat haben habe hast hatte hatten kann konnen konnte mag mogen mochte
    mochten will wollen wollte soll sollen darf durfen muss mussen
    hier da dort dorthin hinein heraus herein hinaus herum vorbei zuruck wieder noch schon auch nur sehr ganz gar fast etwa eben einfach
    gern gerne lieber immer oft manchmal selten nie jetzt nun dann bald gerade einmal mal heute vielleicht bestimmt naturlich wirklich
    mehr viel viele etwas alles nichts jeder jede jedes jeden jedem alle allem allen andere anders beide genug zusammen gemeinsam allein
    ja nein nicht danke bitte hallo guten willkommen herzlich liebe lieber liebes lieb gruss gruß tschuss servus moin
    morgen mittag abend nacht tag woche wochenende monat jahr zeit moment augenblick stunde fruhling sommer herbst winter sonne regen
    schnee wind wolke himmel licht schatten warme warm kalt kuhl frisch hell dunkel nass trocken nebel stern mond luft
    haus zimmer kuche garten balkon fenster tur tisch stuhl schreibtisch regal lampe kerze decke sofa bett ecke platz ort stadt strasse
    weg wald wiese baum blatt blute blume see meer berg fluss vogel katze hund biene
    hand herz kopf auge ohr nase mund fuss finger seele sinn gedanke gefuhl laune stimmung freude gluck ruhe stille lust spass lacheln
    traum wunsch hoffnung idee erinnerung geschichte brief wort seite buch bild lied musik farbe form muster linie duft geschmack klang
    tee kaffee kuchen brot milch wasser obst apfel suppe fruhstuck tasse teller loffel topf
    freund freundin familie kind mutter vater oma opa nachbar gast leute mensch kunde kundin team welt leben alltag anfang ende
    schon hubsch klein gross neu alt jung gut besser schonste schonsten lang kurz weich zart fein leicht ruhig leise laut lebendig bunt rot blau grun gelb
    weiss schwarz grau braun rosa golden gemutlich frohlich glucklich zufrieden neugierig mude munter wach lieblich wunderbar herrlich
    besonder eigen einzig gleich richtig echt passend bereit gespannt dankbar
    seh seht sieh sehen gesehen schau geschaut entdeck blick find gefunden fand such wahl gewahlt komm gekommen geh gegangen bleib
    geblieben lauf fahr reis wander tanz sing spiel lach lachel traum denk gedacht dacht glaub weiss wiss kenn fuhl spur riech
    riecht schmeck hor lies les gelesen schreib geschrieben zeichn mal bastel koch back trink trank iss ess geniess genoss freu mag
    lieb wunsch hoff wart sitz sass steh stand lieg liegt mach gemacht tu tut getan fang fangt beginn begann
    zeig erzahl sag frag antwort sprech red grus besuch treff traf lern probier stober blatter atm ruh schlaf aufwach erleb
    vermiss verlieb passt pass gefall gefallt gefiel warm leucht strahl glanz bluh wachs erinner begleit umarm
    vorbeischau hereinschau hineinschau umseh umschau vorbeikomm hereinkomm kennenlern ausprobier mitmach ankomm
    papier heft stift feder tinte mappe karte umschlag zettel notiz kalender fuller
    wohnung kissen vorhang spiegel bluse hemd jacke mantel schal schuh kleid stoff wolle leder holz ton glas
    laden geschaft auswahl angebot neuigkeit nachricht mail gruesse
    draussen drinnen zuletzt zuerst zwischendurch freiem bisschen treu terrasse zwitscher summ brumm raschel fehl vermiss
    stuhl laterne hangematte liegestuhl strauch hecke rasen beet kies holzbank grill feuerschale
    langsam lebhaft verspielt schlicht edel zauberhaft traumhaft
    uberall nirgendwo irgendwo daheim zuhause unterwegs
    sammel bummel schlender plausch plauder schnupper stober schmoker traum gonn
    roman erzahlung gedicht krimi seite kapitel lesezeit leser leserin
    schmuck ring kette ohrring armband
    kerze duft wachs docht keramik schale krug
    spaziergang ausflug reise urlaub fest feier geburtstag picknick pause feierabend
    weihnachtlich fruhlingshaft sommerlich herbstlich winterlich
"""
SPANISH = """
    el la los las un una unos unas lo al del de a en con por para sin sobre entre hasta desde hacia tras segun durante y e o u pero sino
    porque que si como cuando donde quien cual cuyo aunque mientras pues ni
    yo tu el ella nosotros vosotros ellos ellas me te se nos os le les mi mis tus su sus nuestro nuestra nuestros nuestras vuestro tuyo
    este esta estos estas ese esa esos esas aquel aquella esto eso algo alguien todo toda todos todas cada otro otra mismo misma
    mucho mucha muchos muchas mas muy tan tanto tanta bien mal mejor asi tambien ya aun todavia siempre
    nunca jamas no si hoy ahora luego despues antes pronto aqui ahi alli aca cerca lejos dentro fuera arriba abajo quiza quizas tal vez
    soy eres es somos son era eran fue ser estar estoy estas esta estamos estan estaba he has ha hemos han haber hay habia hace hacen
    hacer hecho hola adios buenos buenas dia dias tarde tardes noche noches gracias favor saludo saludos abrazo abrazos beso besos
    querido querida queridos queridas bienvenido bienvenida bienvenidos bienvenidas
    manana semana mes ano tiempo momento rato hora primavera verano otono invierno sol lluvia nieve viento nube cielo luz sombra luna
    estrella aire calor frio fresco fresca caliente calido calida
    casa cocina jardin balcon ventana puerta mesa silla sofa cama rincon lugar sitio ciudad pueblo calle barrio camino bosque campo arbol hoja
    flor mar playa rio monte pajaro gato perro abeja manta taza plato cuchara olla horno fuego vela lampara
    mano corazon cabeza ojo oido nariz boca pie dedo alma idea sentido gana ganas alegria felicidad paz calma silencio sonrisa risa sueno
    deseo ilusion recuerdo historia carta palabra pagina libro foto cancion musica color forma aroma olor sabor sonido magia sorpresa
    cafe te pan leche agua fruta sopa desayuno merienda comida cena tostada galleta bocado chocolate azucar canela limon naranja miel queso
    amigo amiga amigos familia nino nina ninos madre padre abuela abuelo vecino gente persona cliente equipo mundo vida principio final
    bonito bonita pequeno pequena grande nuevo nueva nuevos nuevas viejo vieja joven bueno buena suave ligero ligera tranquilo tranquila
    alegre vivo viva rojo roja azul verde amarillo amarilla blanco blanca negro negra gris rosa dorado dorada acogedor acogedora feliz
    contento contenta curioso curiosa dulce rico rica crujiente tierno tierna recien listo lista especial propio propia unico diferente
    despacio lento lenta rapido hermoso hermosa precioso preciosa sencillo sencilla
    ver veo ves ve vemos verte visto mira mirar miras mirando descubre descubrir descubres encuentra encontrar busca buscar elige elegir
    escoge ven venir vienes viene ir vas va vamos pasa pasar pasas pasea pasear entra entrar vuelve volver espera
    esperar esperamos esperando trae camina viaja baila bailar canta cantar juega jugar rie reir sonrie sonreir suena sonar piensa pensar
    pensamos creer cree sabe saber sabes conoce conocer siente sentir huele oler prueba probar probado oye escucha escuchar lee leer escribe
    escribir dibuja cocina cocinar hornea toma tomar bebe beber come comer disfruta disfrutar gusta gustan gustar encanta encantan encantaria
    encantara apetece apetecen quiere querer quieres queremos ama desea desear celebra celebrar comparte compartir empieza empezar comienza
    acaba acabar cuenta contar decir di dice pregunta habla hablar saluda visita visitar conocernos anima animate piden pide lleno llena
    preparado preparada preparar preparamos prepara echamos echa echar menos extranamos menudo frecuencia veces vez
    tienes tenemos tengo tiene tener
    leyendo leer cuentanos contarnos cuento cuentos novela novelas poema poemas poesia relato relatos huelen tinta aventura aventuras quieras
    quieran destino llueve llover nieva estante estantes rinconcito capitulo personaje personajes lector lectora lectores biblioteca
    gato gatos perro perros peludo peluda hocico pata patas jugueton
    joya joyas anillo collar pendiente pendientes pulsera brillo brilla brillar
    planta plantas maceta macetas semillas rosa rosas hierba cesped
    zapato zapatos correr corre corriendo paso pasos kilometro meta ruta
    regalarse mimarte mimar cuidarte sonar suenas imagina imaginar imaginas viajar volar
    vela velas ceramica cuenco jarra
    masa harina semilla almendra nuez trigo corteza miga ropa tela lana madera barro cristal libreta papel lapiz
    tienda estanteria novedad novedades mensaje correo noticia sabores tarde otonal invernal
    paseo viaje excursion fiesta merendar descanso domingo
"""
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "de": ("e", "en", "er", "es", "em", "n", "s", "st", "t", "et", "te", "ten", "ern", "chen", "lich"),
    "es": ("s", "es", "n", "mos", "ndo", "r", "rse", "rte", "rlo", "rla", "ito", "ita", "itos", "itas"),
}
LISTS: Mapping[str, str] = {"de": GERMAN, "es": SPANISH}
_SHORTEST_STEM = 3


@lru_cache(maxsize=20_000)
def is_everyday_in(language: str | None, word: str) -> bool:
    """Whether a folded word is on the list of this language; false of a language without one."""
    if language is None or language not in LISTS:
        return False
    words = _words(language)
    return word in words or any(
        word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and word.removesuffix(ending) in words
        for ending in ENDINGS[language]
    )


@cache
def _words(language: str) -> frozenset[str]:
    return word_set(LISTS[language])
