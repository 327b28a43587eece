using Causerie.Inference;

namespace Causerie.Host.Commands.Chatting;

/// <summary>What the chat in the terminal says to people, in one language.</summary>
internal sealed record ChatTexts
{
    private static readonly string[] Languages = ["LC_ALL", "LC_MESSAGES", "LANG"];

    public static ChatTexts English { get; } = new()
    {
        Greeting = "/help shows the commands; /exit or Ctrl-D leaves.",
        Help = """
            /system TEXT  set the instructions that frame the conversation; /system alone shows them
            /clear        forget the conversation
            /retry        answer the last question again
            /exit         leave (also Ctrl-D)
            /help         show this

            Ctrl-C stops an answer. Alt-Enter, or a backslash at the end, begins a new line.
            A paste of many lines stays one message. The arrows bring back what you wrote.
            """,
        Cleared = "The conversation is forgotten.",
        NoSystem = "There are no instructions.",
        SystemSet = "The instructions hold from now on.",
        NothingToRetry = "There is no question to answer again.",
        Unknown = "There is no command {0}; /help shows them.",
        Stopped = "stopped",
        AgainToLeave = "Ctrl-C again leaves.",
        CutAtLimit = "The answer ends here: --max-tokens or the context is reached.",
        Overflow = "/clear begins anew; --context makes the model remember more.",
        Rate = "{0} tokens, {1:0.0} tokens/s",
        Reading = "reading {0} of {1}",
        Thinking = "thinking, {0} tokens",
        Loading = stage => stage switch
        {
            LoadStage.ReadFile => "Reading the file",
            LoadStage.CheckWeights => "Checking the weights",
            LoadStage.ArrangeWeights => "Arranging the weights",
            LoadStage.ReadArranged => "Reading the arranged weights",
            LoadStage.PrepareVocabulary => "Preparing the vocabulary",
            _ => "Ready",
        },
        Keeping = "Keeping the arranged weights for the next start",
    };

    public static ChatTexts French { get; } = new()
    {
        Greeting = "/aide montre les commandes ; /quitter ou Ctrl-D pour sortir.",
        Help = """
            /systeme TEXTE  fixe les consignes de la conversation ; /systeme seul les montre
            /effacer        oublie la conversation
            /refaire        répond de nouveau à la dernière question
            /quitter        sort (aussi Ctrl-D)
            /aide           montre ceci

            Ctrl-C arrête une réponse. Alt-Entrée, ou \ en fin de ligne, va à la ligne.
            Un collage de plusieurs lignes reste un seul message.
            Les flèches rappellent ce que vous avez écrit.
            """,
        Cleared = "La conversation est oubliée.",
        NoSystem = "Il n'y a pas de consignes.",
        SystemSet = "Les consignes valent désormais.",
        NothingToRetry = "Il n'y a pas de question à reprendre.",
        Unknown = "La commande {0} n'existe pas ; /aide les montre.",
        Stopped = "arrêté",
        AgainToLeave = "Encore Ctrl-C pour sortir.",
        CutAtLimit = "La réponse s'arrête ici : --max-tokens ou le contexte est atteint.",
        Overflow = "/effacer recommence ; --context laisse le modèle se souvenir de plus.",
        Rate = "{0} jetons, {1:0.0} jetons/s",
        Reading = "lecture {0} sur {1}",
        Thinking = "réflexion, {0} jetons",
        Loading = stage => stage switch
        {
            LoadStage.ReadFile => "Lecture du fichier",
            LoadStage.CheckWeights => "Vérification des poids",
            LoadStage.ArrangeWeights => "Mise en ordre des poids",
            LoadStage.ReadArranged => "Lecture des poids ordonnés",
            LoadStage.PrepareVocabulary => "Préparation du vocabulaire",
            _ => "Prêt",
        },
        Keeping = "Les poids ordonnés sont gardés pour la prochaine fois",
    };

    public required string Greeting { get; init; }

    public required string Help { get; init; }

    public required string Cleared { get; init; }

    public required string NoSystem { get; init; }

    public required string SystemSet { get; init; }

    public required string NothingToRetry { get; init; }

    public required string Unknown { get; init; }

    public required string Stopped { get; init; }

    public required string AgainToLeave { get; init; }

    public required string CutAtLimit { get; init; }

    public required string Overflow { get; init; }

    public required string Rate { get; init; }

    public required string Reading { get; init; }

    /// <summary>While the model thinks before it answers: {0} is how many tokens it has thought.</summary>
    public required string Thinking { get; init; }

    public required Func<LoadStage, string> Loading { get; init; }

    public required string Keeping { get; init; }

    /// <summary>The texts for the environment's language, as POSIX orders the variables.</summary>
    public static ChatTexts For(Func<string, string?> variable)
    {
        string language = Languages.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        return language.StartsWith("fr", StringComparison.OrdinalIgnoreCase) ? French : English;
    }
}
