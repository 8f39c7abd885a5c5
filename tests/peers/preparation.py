"""Numbers of scikit-learn for steps of preparation, as cases that src/prep/vectors_tests.rs reads.

usage: preparation.py small OUTPUT            a few rows: tests/vectors/preparation.json
       preparation.py full CREDIT.CSV OUTPUT  hundreds of rows, and the German credit data
"""
import csv
import json
import math
import sys

import numpy as np
import sklearn
from sklearn import decomposition, feature_extraction, feature_selection, impute, linear_model, preprocessing
from sklearn.feature_extraction import text as texts_of

CASES = []


def plain(value):
    """A number or text for JSON; missing is null."""
    if value is None or isinstance(value, str):
        return value
    return None if math.isnan(value) else float(value)


def case(name, step, train, asked, expected, target=None, task="regression", tolerance=1e-9):
    rows = len(next(iter(train.values())))
    expected = np.asarray(expected, dtype=float)
    CASES.append({
        "name": name,
        "step": step,
        "train": {k: [plain(v) for v in column] for k, column in train.items()},
        "asked": {k: [plain(v) for v in column] for k, column in asked.items()},
        "task": task,
        "target": [float(y) for y in (target if target is not None else np.arange(rows))],
        "expected": [[plain(v) for v in column] for column in expected.T],
        "tolerance": tolerance,
    })


def matrix(columns):
    return np.column_stack([np.asarray(column, dtype=float) for column in columns.values()])


def numeric(name, step, transformer, train, asked, **options):
    """A transformer fitted on numbers; `columns` are all that the table has."""
    target = options.get("target")
    transformer.fit(matrix(train), target)
    case(name, {"columns": list(train), **step}, train, asked, transformer.transform(matrix(asked)), **options)


def numbers(train, asked, positive, positive_asked, label):
    """Steps that change columns of numbers, missing values among them."""
    P = preprocessing
    for method, transformer in [("standard", P.StandardScaler()), ("minmax", P.MinMaxScaler()),
                                ("maxabs", P.MaxAbsScaler()), ("robust", P.RobustScaler())]:
        numeric(f"{label}: scale {method}", {"op": "scale", "method": method}, transformer, train, asked)
    numeric(f"{label}: scale robust 5 to 80", {"op": "scale", "method": "robust", "quantile_range": [5, 80]},
            P.RobustScaler(quantile_range=(5, 80)), train, asked)
    for strategy in ["mean", "median", "most_frequent"]:
        numeric(f"{label}: impute {strategy}", {"op": "impute", "strategy": strategy},
                impute.SimpleImputer(strategy=strategy, keep_empty_features=True), train, asked)
    # Of equally near rows scikit-learn takes any: so no columns of few values.
    varied = {k: v for k, v in train.items() if len(set(v)) > 0.8 * len(v)}
    for weights in ["uniform", "distance"] if varied else []:
        numeric(f"{label}: impute_knn {weights}", {"op": "impute_knn", "n_neighbors": 3, "weights": weights},
                impute.KNNImputer(n_neighbors=3, weights=weights, keep_empty_features=True), varied,
                {k: asked[k] for k in varied},
                # Distances there are differences of large sums of squares; a small one keeps half of its digits.
                tolerance=1e-6 if weights == "distance" else 1e-9)
    for distribution in ["uniform", "normal"]:
        for n_quantiles in [7, 1000]:
            numeric(f"{label}: quantile_transform {distribution} {n_quantiles}",
                    {"op": "quantile_transform", "output_distribution": distribution, "n_quantiles": n_quantiles},
                    P.QuantileTransformer(output_distribution=distribution, n_quantiles=n_quantiles, subsample=None),
                    train, asked)
    # scikit-learn finds no constant among missing values.
    varied = [{k: v for k, v in t.items() if k != "constant"} for t in (train, asked)]
    for method in ["yeo-johnson", "box-cox"]:
        columns = (positive, positive_asked) if method == "box-cox" else varied
        for standardize in [True, False]:
            # Brent's minimiser ends within 1e-8 of the best power, and a power of 1e-8 moves large numbers more.
            numeric(f"{label}: power {method} {standardize}",
                    {"op": "power", "method": method, "standardize": standardize},
                    P.PowerTransformer(method=method, standardize=standardize), *columns, tolerance=1e-6)
    for method, function in [("log1p", np.log1p), ("log", np.log), ("log2", np.log2), ("log10", np.log10)]:
        case(f"{label}: log {method}", {"op": "log", "method": method, "columns": list(positive)}, positive,
             positive_asked, function(matrix(positive_asked)))


def complete_numbers(train, asked, label):
    """Steps that take no missing values in scikit-learn."""
    P = preprocessing
    for strategy in ["quantile", "uniform", "kmeans"]:
        for encode in ["ordinal", "onehot"]:
            transformer = P.KBinsDiscretizer(n_bins=4, strategy=strategy, subsample=None,
                                             encode="onehot-dense" if encode == "onehot" else encode)
            numeric(f"{label}: bin {strategy} {encode}",
                    {"op": "bin", "n_bins": 4, "strategy": strategy, "encode": encode}, transformer, train, asked)
    numeric(f"{label}: bin quantile linear",
            {"op": "bin", "n_bins": 7, "quantile_method": "linear", "encode": "ordinal"},
            P.KBinsDiscretizer(n_bins=7, encode="ordinal", quantile_method="linear", subsample=None), train, asked)
    for degree, interaction_only, include_bias in [(2, False, False), (3, False, True), (3, True, False)]:
        options = {"degree": degree, "interaction_only": interaction_only, "include_bias": include_bias}
        numeric(f"{label}: polynomial {options}", {"op": "polynomial", **options}, P.PolynomialFeatures(**options),
                train, asked)
    varied = {k: v for k, v in train.items() if len(set(v)) > 3}
    varied_asked = {k: asked[k] for k in varied}
    for degree in [1, 2, 3]:
        for extrapolation in ["constant", "linear", "continue"]:
            for knots in ["uniform", "quantile"]:
                options = {"degree": degree, "extrapolation": extrapolation, "knots": knots, "n_knots": 4,
                           "include_bias": degree != 2}
                # With degree 1 and tangents, scikit-learn 1.9.1 takes degree 2 from the second column on.
                one = [dict(list(t.items())[:1]) for t in (varied, varied_asked)]
                numeric(f"{label}: spline {options}", {"op": "spline", **options}, P.SplineTransformer(**options),
                        *(one if degree == 1 else (varied, varied_asked)))
    # scikit-learn fails at a value beyond the knots of degree 0.
    numeric(f"{label}: spline of degree 0", {"op": "spline", "degree": 0}, P.SplineTransformer(degree=0), varied, varied)
    for options in [{}, {"n_components": 2}, {"n_components": 0.8}, {"n_components": 2, "whiten": True}]:
        numeric(f"{label}: pca {options}", {"op": "pca", **options},
                decomposition.PCA(svd_solver="full", **options), varied, varied_asked)
    for n_components in [1, 2]:
        numeric(f"{label}: svd {n_components}", {"op": "svd", "n_components": n_components},
                decomposition.TruncatedSVD(n_components, algorithm="arpack", tol=1e-14), train, asked)


def selection(train, asked, classes, values, label):
    """Steps that keep some columns."""
    S = feature_selection
    numeric(f"{label}: select_variance", {"op": "select_variance"}, S.VarianceThreshold(), train, asked)
    numeric(f"{label}: select_variance above 1", {"op": "select_variance", "threshold": 1.0},
            S.VarianceThreshold(1.0), train, asked)
    task = "binary" if max(classes) == 1 else "multiclass"
    scaled, scaled_asked = ({k: list(np.abs(np.round(v, 1))) for k, v in t.items()} for t in (train, asked))
    for k in [1, 2]:
        numeric(f"{label}: select_univariate f_classif {k}", {"op": "select_univariate", "k": k},
                S.SelectKBest(S.f_classif, k=k), train, asked, target=classes, task=task)
        numeric(f"{label}: select_univariate f_regression {k}", {"op": "select_univariate", "k": k},
                S.SelectKBest(S.f_regression, k=k), train, asked, target=values)
        numeric(f"{label}: select_univariate chi2 {k}", {"op": "select_univariate", "score_func": "chi2", "k": k},
                S.SelectKBest(S.chi2, k=k), scaled, scaled_asked, target=classes, task=task)
    numeric(f"{label}: select_univariate percentile", {"op": "select_univariate", "percentile": 60},
            S.SelectPercentile(S.f_classif, percentile=60), train, asked, target=classes, task=task)
    rounded, rounded_asked = ({k: list(np.clip(np.round(v), -4, 4)) for k, v in t.items()} for t in (train, asked))
    numeric(f"{label}: select_mutual_info", {"op": "select_mutual_info", "k": 2},
            S.SelectKBest(lambda X, y: S.mutual_info_classif(X, y, discrete_features=True), k=2),
            rounded, rounded_asked, target=classes, task=task)
    ridge = {"model": "ridge", "params": {"alpha": 1.0}}
    numeric(f"{label}: select_model", {"op": "select_model", **ridge, "threshold": "mean"},
            S.SelectFromModel(linear_model.Ridge(alpha=1.0), threshold="mean"), train, asked, target=values)
    numeric(f"{label}: select_model max_features", {"op": "select_model", **ridge, "threshold": 0.0, "max_features": 2},
            S.SelectFromModel(linear_model.Ridge(alpha=1.0), threshold=0.0, max_features=2), train, asked, target=values)
    for options in [{}, {"n_features_to_select": 1, "step": 2}]:
        numeric(f"{label}: select_rfe {options}", {"op": "select_rfe", **ridge, **options},
                S.RFE(linear_model.Ridge(alpha=1.0), **options), train, asked, target=values)


def categories(train, asked, classes, values, label):
    """Steps of one column of texts, none missing."""
    P = preprocessing
    (name, column), = train.items()
    X, A = ([[v] for v in t[name]] for t in (train, asked))
    step = {"columns": [name]}
    for options in [{}, {"min_frequency": 3}, {"min_frequency": 0.2}, {"min_frequency": 2, "max_categories": 3},
                    {"handle_unknown": "infrequent_if_exist", "max_categories": 3}]:
        encoder = P.OneHotEncoder(sparse_output=False, **{"handle_unknown": "ignore", **options})
        case(f"{label}: one_hot {options}", {"op": "one_hot", **step, **options}, train, asked,
             encoder.fit(X).transform(A))
    case(f"{label}: ordinal", {"op": "ordinal", **step}, train, asked,
         P.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan).fit(X).transform(A))
    for smooth in ["auto", 3.0]:
        for target, task in [(classes, "binary" if max(classes) == 1 else "multiclass"), (values, "regression")]:
            kind = "continuous" if task == "regression" else task
            encoder = P.TargetEncoder(smooth=smooth, target_type=kind)
            case(f"{label}: target_encode {smooth} {task}", {"op": "target_encode", "smooth": smooth, "folds": 2, **step},
                 train, asked, encoder.fit(X, target).transform(A), target=target, task=task)
    for n_features, alternate_sign in [(8, True), (5, False)]:
        hasher = feature_extraction.FeatureHasher(n_features, alternate_sign=alternate_sign)
        case(f"{label}: hash {n_features}",
             {"op": "hash", "n_features": n_features, "alternate_sign": alternate_sign, **step}, train, asked,
             hasher.transform([{name: v} for v in asked[name]]).toarray())


def documents(train, asked, label):
    """Steps of texts."""
    (name, column), = train.items()
    step = {"columns": [name]}
    for options in [{}, {"ngram_range": [1, 2], "min_df": 2}, {"analyzer": "char", "ngram_range": [2, 3], "max_df": 0.6},
                    {"analyzer": "char_wb", "ngram_range": [3, 5], "lowercase": False}, {"sublinear_tf": True, "norm": "l1"},
                    {"binary": True, "norm": "none", "smooth_idf": False}, {"use_idf": False}]:
        given = {**options, "norm": None} if options.get("norm") == "none" else options
        vectorizer = texts_of.TfidfVectorizer(**{k: tuple(v) if k == "ngram_range" else v for k, v in given.items()})
        vectorizer.fit(column)
        case(f"{label}: tfidf {options}", {"op": "tfidf", "max_features": 5000, **step, **options}, train, asked,
             vectorizer.transform(asked[name]).toarray())
    for options in [{}, {"analyzer": "char", "ngram_range": [1, 3]}, {"binary": True, "norm": "l1"},
                    {"alternate_sign": False, "norm": "none"}]:
        given = {**options, "norm": None} if options.get("norm") == "none" else options
        vectorizer = texts_of.HashingVectorizer(
            n_features=16, **{k: tuple(v) if k == "ngram_range" else v for k, v in given.items()})
        case(f"{label}: hash_text {options}", {"op": "hash_text", "n_features": 16, **step, **options}, train, asked,
             vectorizer.transform(asked[name]).toarray())


def random_table(rows, seed, missing):
    """Columns of many shapes, one of them constant."""
    random = np.random.default_rng(seed)
    columns = {
        "normal": random.normal(3.0, 2.0, rows),
        "skewed": np.exp(random.normal(0.0, 1.0, rows)),
        "whole": np.floor(random.uniform(0, 6, rows)),
        "constant": np.full(rows, 2.5),
        "signed": random.normal(0.0, 1.0, rows) ** 3,
    }
    # What goes by other columns: selection and components have something to find.
    columns["mixed"] = columns["normal"] - 2.0 * columns["signed"] + random.normal(0.0, 0.5, rows)
    for column in columns.values() if missing else []:
        column[random.uniform(size=rows) < 0.15] = np.nan
    return {name: list(column) for name, column in columns.items()}


def beyond(table):
    """The rows that were learned from, and some far outside."""
    far = {name: [np.nanmax(column) + 3.0, np.nanmin(column) - 3.0] for name, column in table.items()}
    return {name: column + far[name] for name, column in table.items()}


WORDS = ["late train", "The train was late!", "no train  today", "a BUS, then a train_12", "bus", "on time: bus",
         "Ünder the bridge, again", "again and again"]


def random_cases(rows, label):
    table, gaps = random_table(rows, 7, False), random_table(rows, 8, True)
    positive = {k: gaps[k] for k in ["skewed"]}
    numbers(gaps, beyond(gaps), positive, {"skewed": gaps["skewed"] + [max(table["skewed"]) + 2.0]}, label)
    continuous = {k: table[k] for k in ["normal", "skewed", "signed", "constant"]}
    complete_numbers(continuous, beyond(continuous), label)
    random = np.random.default_rng(9)
    values = list(np.asarray(table["mixed"]) + random.normal(0.0, 1.0, rows))
    classes = [int(v) for v in np.digitize(values, np.quantile(values, [0.4, 0.7]))]
    selection(table, beyond(table), classes, values, label)
    words = random.choice(["a", "b", "c", "dd", "e", "f", "rare"], rows, p=[.3, .25, .2, .1, .08, .05, .02])
    words[:2] = ["rare", "f"]
    asked = {"c": list(words) + ["never seen", "a=b"]}
    categories({"c": list(words)}, asked, [int(c > 0) for c in classes], values, label)
    categories({"c": list(words)}, asked, classes, values, f"{label}, several classes")
    documents({"t": [" ".join(random.choice(WORDS, 2)) for _ in range(rows)]}, {"t": WORDS + ["", "never seen 3 xyz"]}, label)


def credit_cases(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    classes = [int(row["creditability"] == sorted({r["creditability"] for r in rows})[0]) for row in rows]

    def is_number(text):
        try:
            return math.isfinite(float(text))
        except ValueError:
            return False

    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "creditability"}
    of_numbers = {k: [float(v) for v in column] for k, column in columns.items() if all(map(is_number, column))}
    values = of_numbers[max(of_numbers, key=lambda k: np.std(of_numbers[k]))]
    several = {k: v for k, v in of_numbers.items() if len(set(v)) > 20}
    numbers(several, beyond(several), several, several, "credit")
    complete_numbers(several, beyond(several), "credit")
    # A column equal to the target has a correlation of 1 and a bit, and a score below 0.
    others = {k: v for k, v in of_numbers.items() if v is not values}
    selection(others, beyond(others), classes, values, "credit")
    for name, column in columns.items():
        if name not in of_numbers:
            categories({name: column}, {name: column + ["never seen"]}, classes, values, f"credit {name}")


if sys.argv[1] == "small":
    random_cases(14, "random")
else:
    random_cases(700, "random")
    credit_cases(sys.argv[2])
with open(sys.argv[-1], "w", encoding="utf-8") as output:
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in CASES)
    output.write('{"scikit-learn": "%s", "cases": [\n%s\n]}\n' % (sklearn.__version__, lines))
print(f"{len(CASES)} cases of scikit-learn {sklearn.__version__}")
