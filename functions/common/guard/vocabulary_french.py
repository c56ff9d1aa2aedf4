"""Everyday French words, as `vocabulary_english.py` has them: no price, proof, person or thing sold.

Verbs stand as stems. Those of giving, keeping, sending and paying are not here, and no ending is of the future.
"""

from __future__ import annotations

WORDS = """
    le la les l un une des du de d au aux a en dans sur sous par pour sans avec chez vers entre parmi contre depuis pendant durant avant apres
    et ou mais donc or ni car que qu qui quoi dont lorsque lorsquon quand comme si puisque quoique tandis ainsi alors
    je j me m moi mon ma mes tu te t toi ton ta tes il elle on ils elles se s soi son sa ses lui leur leurs nous notre nos vous votre vos y
    ce c cet cette ces ceci cela ca celui celle ceux celles tout toute tous toutes chaque quelque quelques quelquun quelquune autre autres
    aucun aucune plusieurs certains certaines meme memes tel telle quel quelle quels quelles lequel laquelle
    est es suis sommes etes sont etre ete etais etait etions etiez etaient soit soient ai as a avons avez ont avoir avait avaient eu ayant etant
    fait fais font faire faites faisait va vais vas allons allez vont aller peut peux peuvent pouvoir puisse voir vois voit voyez voyons vu vue
    veut veux voulez voulons vouloir voudrait voudriez sait sais savez savons savoir su dit dis dire dites disons diriez dirais dirait faut
    vient viens venez venons viennent venir venu venue venus vit vivre sent sens sentent sentir sentez dort dorment dormir lit lisez lire lu
    ecrit ecrite ecrits ecrire ecrivez boit buvez boire bu croit croyez croire crois rit rire riez rions sourit sourire souriez suit suivre
    ouvre ouverte ouvert ouvrir offre naissent nait naitre ne vivent connait connaitre connaissez parait paraitre apparait disparait
    plait plaire tient tenir tiens met mettre mettez assis asseyez assoir prenez prends prend prendre pris laissez laisser laisse attend
    attendre attendez attendent entend entendre entendez rend descend descendre revient revenir revenez revenu devient devenir souvient
    souvenir souvenez part partir partez sort sortir sortez court courir cueille cueillir apprend apprendre comprend comprendre
    ne n pas plus jamais rien personne peu beaucoup tres trop assez moins bien mal mieux aussi encore toujours souvent parfois quelquefois
    deja bientot enfin ensuite puis soudain doucement lentement vite tranquillement vraiment simplement surtout presque seulement ensemble
    ici la-bas ailleurs partout dehors dedans dessus dessous devant derriere autour loin pres haut bas aujourdhui hier voila voici longtemps
    oui non merci bonjour bonsoir salut bienvenue coucou adieu pardon bravo ah oh eh hop chut
    cher chere chers cheres ami amie amis amies famille enfant enfants mere pere maman papa grand-mere grand-pere grand petit petite frere soeur
    tante oncle cousin voisin voisine voisins gens monde client cliente invite hote equipe quelquun madame monsieur
    jour jours journee matin matinee midi soir soiree soirs nuit semaine mois an annee ans saison saisons printemps ete automne hiver heure instant
    moment temps fois debut fin enfance jeunesse souvenir souvenirs passe avenir lendemain veille dimanche
    soleil pluie neige vent brume brouillard nuage nuages ciel etoile etoiles lune lumiere ombre ombres air chaleur froid froide frais fraiche
    fraicheur chaud chaude chauds tiede doux douce douceur givre gel glace orage tonnerre eclair brise arc-en-ciel flaque goutte rosee aube
    aurore crepuscule lever coucher
    maison cuisine jardin balcon fenetre fenetres porte table chaise fauteuil canape lit coin endroit lieu place ville village rue ruelle quartier
    chemin sentier route foret bois champ champs pre prairie arbre arbres feuille feuilles feuillage branche racine ecorce fleur fleurs bouquet
    petale bourgeon graine herbe mousse fougere lierre trefle terre sable pierre caillou colline montagne vallee lac mer plage vague vagues
    riviere ruisseau etang rive ile port phare pont bateau voile quai escalier couloir toit mur sol plancher cour terrasse banc hamac
    tapis coussin oreiller couverture drap armoire tiroir panier seau arrosoir vase bouteille verre tasse assiette bol plateau casserole four
    fourneau couvercle nappe serviette couteau fourchette cuillere lampe bougie chandelle cheminee feu braise flamme fumee cendre etincelle
    meche carreau carreaux vitre rideau miroir boutique etagere etageres rayon vitrine comptoir atelier etabli
    oiseau oiseaux moineau hirondelle merle hibou cygne canard poule coq grenouille herisson lapin lievre cerf renard ours ecureuil souris
    escargot papillon libellule bourdon abeille fourmi grillon poisson cheval ane vache mouton chevre chat chatte chaton chien chiot patte
    pattes museau poil queue plume plumes aile nid
    rose tulipe oeillet muguet lilas jonquille tournesol marguerite violette coquelicot lavande jasmin romarin thym menthe basilic persil sauge
    chene hetre bouleau sapin pin saule noyer verger pommier
    pomme pommes poire cerise prune fraise framboise mure raisin banane orange citron peche abricot figue noix noisette amande citrouille
    tomate carotte oignon champignon pain baguette brioche croissant tarte tartes gateau biscuit confiture miel sucre cannelle vanille chocolat
    cacao beurre fromage oeuf farine pate levain sel poivre huile creme lait eau the cafe tisane jus soupe salade riz repas dejeuner gouter
    diner petit-dejeuner bouchee gorgee miette miettes mie croute part tranche morceau bout recette parfum parfums odeur odeurs gout saveur
    saveurs arome vapeur bouillon
    main mains coeur tete oeil yeux oreille oreilles nez bouche levres langue pied pieds doigt doigts ongle epaule bras dos genou ventre joue
    front cheveux peau visage corps ame esprit pensee pensees idee idees sens sentiment humeur joie joies bonheur paix calme silence repos
    sourires rires larme larmes courage humour plaisir plaisirs envie envies desir reve reves songe espoir nostalgie curiosite surprise secret magie
    charme merveille merveilles tendresse amitie amour patience gourmandise paresse folie betise bruit rythme routine habitude rituel
    histoire histoires conte contes legende lettre lettres mot mots phrase page pages livre livres roman poeme vers ligne lignes carnet carnets
    cahier papier papiers encre encres crayon stylo pinceau craie enveloppe enveloppes timbre carte trait tache rature dessin dessins peinture
    tableau image photo film musique chanson chansons air melodie note notes voix chant guitare piano flute tambour radio danse pas scene theatre
    cinema couleur couleurs teinte nuance forme ligne motif reflet eclat matiere tissu laine lin coton soie cuir fil aiguille bouton
    poche chaussette bonnet gant gants botte chapeau pantalon pull jupe robe echarpe manteau chaussure ceinture balle jeu jeux jouet puzzle
    velo roue train gare bus voiture avion ballon valise sac ecole bureau travail telephone ecran ordinateur horloge montre
    chose choses sorte facon maniere point cercle trace signe vue paysage air cote milieu centre bord ordre desordre occasion raison
    tradition oeuvre style collection variete poignee brin brins grain touche pincee tas foule
    promenade promenades balade voyage fete vacances aventure rencontre visite nouvelle nouvelles question reponse conseil avis conversation
    monde vie vies quotidien fidelite confiance passion amoureux amoureuse amoureuses vide plein pleine pleins
    beau bel belle beaux belles joli jolie jolis jolies grande grands grandes gros grosse leger legere legers lourd lourde vieux vieil vieille
    jeune jeunes neuf neuve nouveau nouvel nouveaux ancien ancienne long longue court courte rond ronde carre fin fine epais mince large
    etroit lisse rugueux soyeux moelleux moelleuse croustillant croustillante croquant croquante fondant fondante tendre tendres juteux
    sucre sucree sale amer acide epice epicee parfume parfumee dore doree blanc blanche noir noire gris grise bleu bleue vert verte rouge
    jaune brun brune rose violet violette orange pale vif vive sombre clair claire lumineux lumineuse colore coloree
    calme calmes tranquille paisible silencieux bruyant gai gaie joyeux joyeuse heureux heureuse content contente ravi ravie ravis triste
    curieux curieuse gourmand gourmande gentil gentille gentils gentilles aimable fidele sincere drole coquin malicieux timide fier fiere
    fatigue presse pressee seul seule libre vivant vivante simple simples bon bonne bons bonnes meilleur meilleure meilleurs vrai vraie
    pret prets prete special particulier unique rare different differents meme propre faux fausse
    connu inconnu etrange mysterieux enchante enchantee reveur reveuse confortable elegant elegante classique artisanal maison
    rouille mouille mouillee sec seche humide feutre cosy bref courage volontiers hasard genre lors
    pointe grise droit droite gauche tout-droit envers endroit
"""
VERBS = """
    aim ador admir regard observ contempl ecout goût gout savour touch caress embrass pleur soupir rêv rev repos respir réveill reveill lev
    pos pench march dans saut tourn balanc grimp mont entr rentr voyag vol flott nag navigu arriv rest pass repass tomb
    trouv cherch explor espér esper souhait manqu pens imagin rappel oubli demand racont parl bavard discut chuchot murmur not dessin
    pein peign modèl pétri petriss cuisin mélang melang coup mijot mang grignot dégust degust croqu partag plant sem arros creus pouss
    germ fan brill éclair eclair chauff réchauff rechauff souffl siffl chant fredonn fêt fet inspir étonn etonn jou plaisant essay os
    commenc termin cess habit chang ressembl sembl rappel annonc invit salu remerci retrouv rassembl accompagn approch arrêt arret
    allum teint dor parfum sucr couvr emmitoufl blott étir etir bâill baill allong raccourci color chantonn flân flan musard
    papillonn virevolt ronronn aboi miaul pépi craqu crépit tap frapp lèch lech envol vêt habill pli pliss tricot coud brod tiss fabriqu
    façonn faconn croi bourgeonn fleuri fleuriss verdi jauni rougi murmur scintill étincel petill pétill émerveill emerveill ravi surprend
    attard prolong savour évoqu evoqu ramen mérit merit
"""
