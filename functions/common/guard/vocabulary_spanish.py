"""Everyday Spanish words, as `vocabulary_english.py` has them: no price, proof, person or thing sold.

Verbs stand as stems. Those of giving, keeping, sending and paying are not here, and no ending is of the future.
"""

from __future__ import annotations

WORDS = """
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
    nada nadie ninguno ninguna ningun alguno alguna algun varios varias ambos cualquier cualquiera demas poco poca pocos
    tambien tampoco casi solo sola solos apenas sobre todo ademas entonces luego mientras durante aunque sino segun cual cuales cuanto cuanta
    adonde donde aquel aquella aquellos aquellas ellos vosotras nosotras usted ustedes si no ni que quien quienes cuyo
    va voy vaya vayas fui fue fuimos iba iban vengo ven viene vino vinieron venga estuvo estuve estabas estaban seas sea sean siendo sido
    haya hayas hubo habra hizo hizo hagas haga di dijo dicho visto puesto abierto abierta abiertos escrito escrita roto cubierto hecho hecha vuelto
    pueda puedas puedan puede puedes podemos pueden pudo podria querria gustaria encantaria deberia debe debes
    sepa sepas sabe supo quepa quiso quisiera huele huelen suena suenan duerme duermen despierta despiertan vuelve vuelven mueve juega juegan
    cuece cuelga cuenta cuentan encuentra encuentran empieza empiezan comienza sienta sientan siente sienten piensa piensan calienta
    rie rien sonrie sonrien viste visten sigue siguen elige repite
    caido caida crece crecen nace nacen parece parecen apetece ofrece amanece anochece atardece florece florecen reverdece oscurece
    tierra barro arena piedra roca hierba musgo raiz rama tronco brote capullo petalo semilla trigo espiga monton camino sendero vereda valle
    colina montana cumbre lago estanque arroyo orilla costa isla ola marea puerto faro puente barca vela ancla plaza esquina callejon
    escalera pasillo tejado techo suelo pared muro patio terraza portal banco hamaca columpio alfombra cojin almohada sabana armario cajon
    cesta cubo regadera jarron botella vaso copa bandeja sarten tapa mantel servilleta cuchillo tenedor cucharilla
    gorrion golondrina mirlo buho cisne pato gallina rana erizo conejo liebre ciervo zorro oso ardilla raton caracol mariposa libelula
    abejorro hormiga arana grillo pez caballo burro vaca oveja cabra cerdo cachorro nido pluma ala cola bigote
    rosa tulipan clavel lirio narciso girasol margarita violeta amapola lavanda hiedra trebol romero tomillo menta albahaca perejil salvia jazmin
    castano roble pino olmo olivo encina sauce higuera dalia crisantemo
    pera cereza ciruela fresa frambuesa mora uva platano manzana mandarina melocoton higo granada nuez calabaza tomate pepino cebolla patata
    zanahoria seta mantequilla mermelada huevo sal pimienta aceite nata arroz ensalada guiso bizcocho tarta pastel dulce postre churro
    magdalena bollo corteza miga sorbo trago humo ceniza brasa chispa llama mecha vapor
    hielo escarcha granizo tormenta trueno rayo relampago brisa arcoiris charco gota rocio bruma niebla amanecer atardecer ocaso crepusculo
    medianoche mediodia madrugada otonal primaveral veraniego invernal temporada estacion epoca siglo siglos infancia juventud
    hermano hermana tia tio prima primo nieto nieta vecina vecindario barrio companero companera visitante viajero sonador lector pintor
    espalda hombro brazo rodilla barriga mejilla frente pelo cabello piel labio lengua diente talon una aliento pulso paso salto mirada
    guino carcajada lagrima valor humor broma tonteria bullicio prisa prisas ruido rutina animo nostalgia curiosidad sorpresa secreto hechizo
    maravilla encanto leyenda fabula charla conversacion respuesta pregunta consejo opinion verso linea estrofa melodia ritmo tono canto voz
    guitarra piano flauta tambor radio coro baile escenario teatro cine pelicula cuadro dibujo pincel lapiz tiza boton hilo aguja punto
    bolsillo calcetin gorro guante bota sombrero pantalon jersey falda cinturon bufanda abrigo pelota juego rompecabezas cometa bicicleta
    rueda timbre tren autobus coche avion globo maleta mochila mapa brujula escuela oficina trabajo tarea movil telefono pantalla portatil
    ordenador reloj cosa cosas tipo manera modo punto circulo esquina curva huella senal imagen vista paisaje entorno lado lados medio
    orden desorden caos ocasion oportunidad posibilidad razon motivo costumbre ritual tradicion obra estilo gusto coleccion variedad monton
    ramo ramos manojo punado racimo montoncito trocito trozo pedazo pedacito pizca toque cachito ratito
    tibio tibia templado helado helada mojado mojada humedo humeda seco seca secas secos esponjoso esponjosa aterciopelado sedoso liso
    aspero redondo cuadrado torcido recto ancho estrecho grueso fino fina delgado pesado enorme diminuto divertido gracioso travieso
    amable carinoso simpatico timido valiente callado ruidoso triste gris alegre soleado lluvioso ventoso nublado nevado perfumado jugoso
    acido amargo picante salado cremoso afrutado floral intenso rojizo morado violeta turquesa naranja marron palido colorido
    hambriento sediento perezoso sincero honesto querido carino cariños mejor mejores peor mayor menor hermosura belleza ternura dulzura
    conocido desconocido extrano misterioso encantado encantada enamorado sonador relajado comodo comoda practico elegante clasico
    caseras casero casera artesano artesana artesanal descalzo juntos juntas contigo conmigo consigo
    hondo profundo alto alta bajo baja largo larga corto corta vacio vacia abierto cerrado despierto dormido
    bravo ay oh eh claro venga vaya genial fenomenal estupendo estupenda maravilloso maravillosa fantastico magnifico perfecto perfecta
    fuerza energia impulso placer bienestar comodidad vuelta vueltas rinconcitos merienda meriendas sobremesa siesta capricho receta recetas
    barra cafetera limonada tazon bocadillo
"""
VERBS = """
    mir observ contempl admir escuch oy hol prob sabore toc acarici abraz bes sonre llor suspir soñ sueñ dorm descans relaj respir despert
    levant sent tumb camin pase corr salt bail gir balance escal sub baj entr sal viaj vol flot nad naveg lleg llen vaci volv regres
    encontr busc descubr explor esper dese extrañ ech añor pens cre imagin record olvid pregunt respond cont cuent habl charl convers
    escrib le dibuj pint model amas horne cocin mezcl bat cort condiment beb com merend disfrut mordisque planta sembr reg cav crec brot
    floreci marchit brill reluc resplandec ilumin alumbr calent enfri derrit llov nev sopl susurr murmur silb cant tararea toc celebr
    brind am encant gust enamor inspir sorprend jug brome aprend practic intent atrev empez comenz termin acab dej hac pas qued parec
    cambi conoc reconoc sab entend abr cerr alegr anim mim consent adorn decor dobl teji cos bord vest pein salud invit agradec
    compart reun junt acompañ acerc asom detenerse deten apag encend prend cuid regal perfum endulz abrig arrop acurruc despeg estir
    bosteza bostez alarg acort pint colore trae trin pi ronrone ladr maull corret reconfort arregl acomod estren apetec perdon esconde escond
    siembr cosech reconcil merec
"""
