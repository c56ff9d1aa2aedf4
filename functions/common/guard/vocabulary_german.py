"""Everyday German words, as `vocabulary_english.py` has them: no price, proof, person or thing sold.

Verbs stand as stems. Those of giving, keeping, sending and paying are not here, so nothing can be promised with them.
"""

from __future__ import annotations

WORDS = """
    liebling lieblings
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
    nimm bis wenig weniges voll voller hoch hoher zuletzt zuvor dabei damals nebenbei ringsum umso einst nachher vorher drauf drin dran
    irgendetwas irgendwie irgendwann jemand niemand keinem keiner keine keinen einander voneinander miteinander zueinander fureinander
    dessen deren derselbe ebenso genauso sogar zwar jedoch dennoch trotzdem deshalb darum daher dafur davon darin daran darauf daneben
    wahrend solange seitdem bevor nachdem sobald obwohl falls sowie weder jeweils ubrigens hoffentlich endlich plotzlich allmahlich meistens
    anfangs abends morgens mittags nachts tagelang stundenlang heutzutage neulich kurzlich
    tat taten ging gingen kam kamen sah sahen fand fanden stand standen sass sassen lag lagen blieb liess rief lief hielt wuchs roch klang
    sang sprach sprang trug trank las schrieb schlief fiel fielen hing begann wurde wurden konnte musste durfte wollte sollte wusste dachte
    getroffen gesprochen gesungen gewachsen geschlafen getrunken gegessen gefallen gelaufen gefahren geflogen gestanden gesessen gelegen
    gestiegen geklungen gerochen gewesen vergangen entstanden geworden gezogen gegangen aufgewacht
    vergiss vergisst vergessen versteh verstand versprueh verbring verweil verwohn verzauber verwandel vertraut vertrauen
    erde feuer geduld werkstatt handwerk stuck stucke scheibe ofen blatter platz platze rand mitte reihe zaun gartenzaun tor treppe flur dach keller
    boden wand wande ecke nische sessel bank schaukel teppich kamin herd schrank schublade korb krug flasche glas glaser pfanne deckel
    sand stein kiesel moos farn ranke dorn wurzel stamm ast aste zweig rinde knospe samen krume halm ahre korn heu stroh acker hugel tal schlucht
    bach teich ufer strand kuste insel welle flut ebbe schiff boot segel anker hafen leuchtturm brucke gasse pfad allee markt hof scheune
    amsel spatz meise schwalbe rotkehlchen eule schwan ente gans huhn hahn frosch igel hase reh hirsch fuchs bar eichhornchen maus schnecke
    schmetterling libelle hummel marienkafer ameise spinne grille fisch pferd pony esel kuh schaf ziege schwein welpe pfote schnauze fell schwanz
    rose tulpe nelke lilie narzisse sonnenblume ganseblumchen lowenzahn veilchen mohn lavendel efeu klee salbei thymian minze rosmarin
    basilikum petersilie kraut unkraut wildblume gras grun laub kastanie eiche buche birke linde tanne fichte ahorn weide
    birne kirsche pflaume erdbeere himbeere beere traube zitrone orange banane nuss mandel kurbis tomate gurke zwiebel kartoffel mohre pilz
    honig zucker zimt vanille kakao schokolade keks platzchen torte brotchen butter kase marmelade ei mehl teig salz pfeffer ol sahne
    nudel reis salat eintopf brei bissen happen schluck krumel kruste dampf rauch asche glut funke flamme docht
    eis frost reif raureif hagel gewitter donner blitz sturm brise boe regenbogen pfutze tropfen tau dunst abendrot morgenrot dammerung
    sonnenschein sonnenstrahl sonnenuntergang sonnenaufgang mondschein nacht mitternacht vormittag nachmittag feierabend jahreszeit
    jugend kindheit erwachsen grossmutter grossvater grosseltern eltern bruder schwester tante onkel enkel cousine nachbarin nachbarschaft
    bekannte kollege kollegin besucher stammgast leserin laufer wanderer radler gartner koch kochin topfer maler baumeister traumer
    rucken schulter arm knie bauch wange stirn haar haare haut lippe zunge zehe ferse nagel nageln atem puls schritt sprung blick
    herzen augenzwinkern lachen schmunzeln gelachter kichern tranen mut humor witz unsinn quatsch trubel hektik eile larm alltagstrott
    gemut sehnsucht fernweh heimweh neugier vorfreude uberraschung geheimnis zauber wunder abenteuer marchen sage legende
    gesprach geplauder plauderei schwatz antwort frage rat meinung gedicht vers zeile absatz strophe melodie takt ton lautstarke gesang
    geige klavier flote trommel radio lied chor tanz schritt buhne theater kino film bild gemalde skizze pinsel stift kreide
    knopf faden nadel garn strick masche naht saum tasche socke strumpf mutze handschuh stiefel hut hose pullover rock gurtel
    ball spiel puzzle drachen roller fahrrad rad klingel sattel zug bahn bus auto flugzeug ballon koffer rucksack landkarte kompass
    schule buro arbeit aufgabe handy telefon bildschirm laptop computer papierkram uhr kalenderblatt
    sache ding art weise stelle punkt kreis ecke linie bogen spur zeichen bild eindruck ausblick aussicht umgebung gegend heimat ferne nahe
    weite tiefe hohe stimmungsvoll ordnung unordnung durcheinander chaos gelegenheit moglichkeit grund ursache anlass vorliebe gewohnheit ritual brauch
    tradition werk stil gespur sammlung kollektion sortiment vielfalt fulle haufen menge strauss bund buschel
    heiss lau mild frostig eisig kuschelig flauschig samtig seidig glatt rau kornig krumm schief gerade rund eckig spitz flach breit schmal dick dunn
    schwer winzig riesig lustig albern frech keck brav nett lieb herzlich liebenswert charmant freundlich hoflich sanft zahm wild lebendig muter
    mutig scheu still laut stumm traurig trub duster heiter sonnig regnerisch windig neblig verschneit bluhend duftend knusprig saftig suss
    sauer bitter wurzig scharf salzig cremig nussig fruchtig blumig erdig rauchig rot lila violett turkis orange bunt knallig blass
    satt hungrig durstig faul fleissig ehrlich aufrichtig liebsten schonster beste bester feinste hubscher gemutlicher kleiner grosser
    vertraut fremd unbekannt seltsam sonderbar merkwurdig geheimnisvoll verwunschen vertraumt versunken verspielt verliebt entspannt gelassen
    bequem praktisch schlicht elegant zierlich robust locker leger klassisch zeitlos altmodisch verruckt verliebte ausgeschlafen
    barfuss drauflos querfeldein bergauf bergab kopfuber hereinspaziert willkommen prost juhu hurra oh ach na tja genau klar okay super prima toll
    kraft energie schwung pep lebensfreude genuss genusslich wohl wohlig wohlgefuhl wohlfuhl ungestort unbeschwert
"""
VERBS = """
    klopf dreh kling summ brumm zwitscher raschel fluster ruf sag red plauder lausch hor horch schau guck blick seh betracht beobacht bewunder
    riech schnupper schmeck kost fuhl spur tast beruhr streichel kuschel drueck umarm kuss lach lachel schmunzel kicher grins wein seufz
    traum schlaf schlummer dos gahn ruh rast entspann erhol atm aufatm ausklang wach weck erwach steh sitz lieg lehn setz hock knie
    geh lauf renn hupf spring tanz schwing schaukel wieg roll rutsch kletter steig wander spazier schlender bummel streif strolch stobern stober
    fahr radel flieg schweb schwimm tauch segel reis zieh folg begleit begegn treff besuch kehr einkehr wiederkehr komm bleib verweil
    wart erwart hoff wunsch sehn vermiss fehl denk glaub mein uberleg grubel staun wunder frag antwort erzahl bericht schreib les blatter
    zeichn mal bastel bau form topfer knet back koch brat ruhr misch schneid wurz streu giess trink schlurf ess nasch knabber geniess schleck
    pflanz sa saet grab giess jat wachs spriess bluh keim reif duft welk leucht glanz strahl schimmer glitzer funkel gluh flacker brenn warm
    kuhl schmelz tau frier regn schnei sturm weh blas rausch platscher tropf fliess
    sing pfeif spiel musizier trommel klatsch jubel feier freu lieb mag gefall gefiel begeister verzauber inspirier uberrasch neck scherz albern
    lern ub versuch probier wag trau beginn anfang end hor lass mach tu treib pass passt steh wirk schein scheint klapp gelang gelingt
    stimm erinner merk vergess kenn erkenn weiss wiss versteh entdeck find such wahl greif leb erleb wohn hang hangt
    schmuck dekorier faltet falt bind web strick hakel nah stick knupf flecht wickel trag kleid zieh stopf pack
    mog genug genugt reich fall fallt wird werd blieb klingt wachst lasst lauft schlaft fahrt
    dank gruss grussen begruss verabschied lad einlad winkt wink nick zwinker schuttel
    teil gonn gonnst verwohn verschnauf lohn kummer sorg pfleg hut
"""
